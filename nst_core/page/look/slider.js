() => {
  // The line between before and after can be dragged; here keys move it as well, and it is spoken.
  const STEPS = {ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -20, PageUp: 20, Home: -100, End: 100};
  const painting = () => [...document.querySelectorAll("#slider img")].at(-1);
  const handle = () => document.querySelector("#slider [data-testid=slider]");
  const place = () => parseFloat(painting()?.style.clipPath.match(/([\d.]+)%/)?.[1] ?? "50");

  const tell = () => {
    const percent = Math.round(place());
    Object.entries({
      "role": "slider", "tabindex": "0", "aria-label": "Before and after", "aria-valuemin": "0",
      "aria-valuemax": "100", "aria-valuenow": percent, "aria-valuetext": `${percent} % photo`,
    }).forEach(([name, value]) => handle()?.setAttribute(name, value));
  };
  let watched;
  const watch = () => {
    if (!handle() || !painting() || painting() === watched) return;
    watched = painting();
    new MutationObserver(tell).observe(watched, {attributes: true, attributeFilter: ["style"]});
    tell();
  };
  new MutationObserver(watch).observe(document.body, {childList: true, subtree: true});
  watch();

  const move = percent => {
    handle().dispatchEvent(new Event("pointerdown", {bubbles: true}));  // as a finger, it ends what `drift.js` does
    const line = handle().querySelector(".inner");
    const {width} = painting().getBoundingClientRect();
    const {left, top, width: thick} = line.getBoundingClientRect();
    const at = {view: window, bubbles: true, cancelable: true, clientY: top + 1};
    const from = left + thick / 2;
    const to = from + (percent - place()) / 100 * width;
    line.dispatchEvent(new MouseEvent("mousedown", {...at, clientX: from}));
    window.dispatchEvent(new MouseEvent("mousemove", {...at, clientX: to}));
    window.dispatchEvent(new MouseEvent("mouseup", {...at, clientX: to}));
  };
  document.addEventListener("keydown", event => {
    if (event.target !== handle() || !(event.key in STEPS)) return;
    event.preventDefault();
    move(Math.min(100, Math.max(0, place() + STEPS[event.key])));
  });
}
