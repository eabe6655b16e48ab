() => {
  // The browser's tab tells how far the picture is, and then that it is ready, until it is seen.
  const own = document.title;
  const told = () => document.querySelector("#status [data-title]");
  let at_work = false;
  const tell = () => {
    const now = told();
    const ready = now && "ready" in now.dataset;
    if (now && !ready) {
      at_work = true;
      document.title = now.dataset.title;
    } else if (at_work && now) {
      at_work = false;
      document.title = now.dataset.title;
    } else if (at_work && document.querySelector("#status p")?.textContent) {
      at_work = false; // it failed, and the status says why
      document.title = own;
    }
  };
  const back = () => {
    if (!at_work && !document.hidden) document.title = own;
  };
  new MutationObserver(tell).observe(document.body, {childList: true, subtree: true});
  document.addEventListener("visibilitychange", back);
  ["focus", "pointerdown", "keydown"].forEach(event => addEventListener(event, back, true));
}
