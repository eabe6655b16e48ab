() => {
  // Before anyone clicks, the painting comes over the photograph once: that is what the page does.
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const timing = {duration: 4000, easing: "ease-in-out", fill: "backwards"};
  const percent = image => parseFloat(image.style.clipPath.match(/([\d.]+)%/)?.[1]);
  const drift = (slider, painting, handle) => {
    // Animated over what Gradio has set, which is back when it ends, or at a touch.
    const end = percent(painting);
    const start = 100 - end;
    const way = (start - end) / 100 * painting.getBoundingClientRect().width;
    const place = new DOMMatrix(handle.style.transform).m41;
    const moves = [
      painting.animate({clipPath: [`inset(0 0 0 ${start}%)`, `inset(0 0 0 ${end}%)`]}, timing),
      handle.animate({transform: [place + way, place].map(x => `translateX(${x}px)`)}, timing),
    ];
    const stop = () => moves.forEach(move => move.cancel());
    ["pointerdown", "touchstart", "mousedown"].forEach(event =>
      slider.addEventListener(event, stop, {capture: true, once: true, passive: true}));
    new MutationObserver(stop).observe(painting, {attributes: true, attributeFilter: ["src"]});
  };
  const wait = setInterval(() => {
    const slider = document.getElementById("slider");
    const [photo, painting] = slider?.querySelectorAll("img") ?? [];
    const handle = slider?.querySelector("[data-testid=slider]");
    if (!photo?.naturalWidth || !painting?.naturalWidth || !(percent(painting) > 0)) return;
    if (!handle?.style.transform) return;
    clearInterval(wait);
    drift(slider, painting, handle);
  }, 100);
}
