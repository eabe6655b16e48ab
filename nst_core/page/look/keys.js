() => {
  // Keys for those who have them. Where something has the focus that takes keys itself, it keeps them.
  const KEYS = [
    ["Enter", "paints"], ["Escape", "stops"], ["← →", "step through this visit's pictures"],
    ["Ctrl Z", "undoes a change of photo, style or settings"], ["?", "shows these keys"],
  ];
  const TAKES = "input, textarea, select, button, a, video, [role=slider], [role=toolbar], [contenteditable], dialog";
  const TYPED = "input:not([type=radio], [type=checkbox], [type=range]), textarea";
  const onPaint = () => document.getElementById("paint-go")?.checkVisibility();
  const press = id => document.querySelector(`#${id}:enabled`)?.click();

  const dialog = document.createElement("dialog");
  dialog.id = "keys";
  dialog.setAttribute("aria-label", "Keys");
  dialog.innerHTML = `<dl>${KEYS.map(([key, does]) => `<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`).join("")}</dl>`
    + '<form method="dialog"><button>Close</button></form>';
  const ask = () => {
    (document.querySelector(".gradio-container") ?? document.body).append(dialog);
    dialog.showModal();
  };

  const pictures = () => [...document.querySelectorAll("#strip button:has(img)")];
  let place = 0, newest;
  const step = by => {
    const strip = pictures(), first = strip[0]?.querySelector("img").src;
    if (first !== newest) [newest, place] = [first, 0];
    if (!strip[place + by]) return;
    place += by;
    strip[place].click();
  };
  document.addEventListener("click", event => {
    const strip = pictures(), tapped = strip.indexOf(event.target.closest?.("#strip button"));
    if (tapped >= 0) [newest, place] = [strip[0].querySelector("img").src, tapped];
  }, true);

  const undo = event => {
    if (event.target.closest?.(TYPED)) return;
    event.preventDefault();
    const stroke = document.querySelector("#drawing:not([data-untouched]) button:is([aria-label=Undo], [data-label=Undo]):enabled");
    if (stroke?.checkVisibility()) return stroke.click();
    document.querySelector("#undo .bell")?.dispatchEvent(new CustomEvent("undo", {bubbles: true}));
  };
  addEventListener("keydown", event => {
    const inDialog = event.target.closest?.("dialog") || document.querySelector("dialog[open]");
    if (event.defaultPrevented || inDialog || event.altKey) return;  // a key in a dialog may have just closed it
    const {key} = event, held = event.ctrlKey || event.metaKey;
    if (held && key === "z" && !event.shiftKey && onPaint()) return undo(event);
    if (held) return;
    if (key === "Escape" && onPaint() && !document.fullscreenElement) return press("paint-stop");
    const target = event.target.closest?.(TAKES);
    const onStrip = event.target.closest?.("#strip button");
    if (key === "?" && !target?.matches(TYPED)) return ask();
    if (!onPaint() || (target && !onStrip)) return;
    if (key === "Enter" && !target) press("paint-go");
    if (key === "ArrowLeft") step(-1);
    if (key === "ArrowRight") step(1);
  });
}
