// Gradio puts the page together piece by piece, and all below a piece moves when it comes; then the pair of
// the last visit takes the place of the first example. So nothing is seen until the page is whole, or something
// went wrong; a line says what is waited for.
{
  const QUIET = 150, PATIENCE = 10000;  // ms: without a new piece, and at most
  const BUSY = 2000;  // ms that a server may take for the last visit's pair, once the page is there
  const style = document.createElement("style");
  style.textContent = `
    .opening gradio-app, .opening gradio-app * { visibility: hidden !important; }
    .opening body::after { content: "Opening the page …"; position: fixed; inset: 0; }
    .opening body::after { display: grid; place-items: center; font: 20px system-ui, sans-serif; color: #6b7686; }`;
  document.head.append(style);
  const page = document.documentElement;
  page.classList.add("opening");
  const open = () => {
    building.disconnect();
    window.wordsAreThere.then(() => page.classList.remove("opening"));
  };
  let quiet, restored = false, built = false;
  const restore = () => {
    restored = true;
    if (built) open();
  };
  const whole = () => {
    built = true;
    if (restored) open();
    else setTimeout(restore, BUSY);
  };
  const building = new MutationObserver(() => {
    clearTimeout(quiet);
    if (document.getElementById("network")) quiet = setTimeout(whole, QUIET);
  });
  building.observe(page, {childList: true, subtree: true});
  document.addEventListener("restored", restore);
  setTimeout(open, PATIENCE);
}
