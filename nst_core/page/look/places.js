() => {
  const drawing = () => document.getElementById("drawing");

  // To Gradio's editor the photo is a change that can be undone; here only strokes are.
  let history;
  const watch = () => {
    const now = window.editor?.command_manager?.current_history;
    if (!now || now === history) return;
    history = now;
    history.subscribe(({command}) => drawing()?.toggleAttribute("data-untouched", command?.name === "AddImage"));
  };
  document.addEventListener("click", event => {
    const undo = event.target.closest?.("#drawing[data-untouched] button:is([aria-label=Undo], [data-label=Undo])");
    if (undo) event.stopImmediatePropagation();
  }, true);

  // The photo is under the brush as soon as the section opens, and again where the editor has lost it.
  const photo = () => document.querySelector("#content .image-frame img")?.src;
  let under, asked = false;
  const look = () => {
    watch();
    const editor = drawing(), src = photo();
    if (!src || !editor?.checkVisibility()) return;
    const blank = editor.style.borderStyle === "dashed";  // so Gradio draws it while it holds nothing
    if (blank ? asked && under === src : under === src) {
      asked &&= blank;
      return;
    }
    [under, asked] = [src, true];
    document.querySelector("#places-blank .bell")?.dispatchEvent(new CustomEvent("blank", {bubbles: true}));
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, attributeFilter: ["src", "style"]});

  // What sets the brush's size goes when anything beside it is touched: a finger on the canvas tells Gradio nothing.
  const PANEL = "#drawing .toolbar-wrap :is(.size_picker, .eraser_picker)";
  const SIZE = "#drawing button:is([aria-label$=Size], [data-label$=Size])";
  let closed;
  document.addEventListener("pointerdown", event => {
    const panel = document.querySelector(PANEL), target = event.target;
    closed = false;
    if (!panel || panel.contains(target)) return;
    closed = Boolean(target.closest?.(SIZE));
    document.body.dispatchEvent(new MouseEvent("mousedown"));
  }, true);
  document.addEventListener("click", event => {
    if (closed && event.target.closest?.(SIZE)) event.stopImmediatePropagation();  // it would open it again
    closed = false;
  }, true);
}
