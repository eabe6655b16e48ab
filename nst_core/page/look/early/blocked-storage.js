// Where a browser blocks storage, reading it throws, and the page would never open: it then remembers
// what it has to for as long as it is open.
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].getItem("");
  } catch {
    const held = new Map();
    const value = {
      getItem: key => held.get(String(key)) ?? null,
      setItem: (key, text) => { held.set(String(key), String(text)); },
      removeItem: key => { held.delete(String(key)); },
      clear: () => held.clear(),
      key: number => [...held.keys()][number] ?? null,
      get length() { return held.size; },
    };
    Object.defineProperty(window, name, {value, configurable: true});
  }
}
