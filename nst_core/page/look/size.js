() => {
  // On a phone the sizes lie far below Paint: a button beside it lays them over the page there, and away again.
  const size = () => document.getElementById("size");
  const asks = () => document.querySelector("#size-button button");
  const show = on => {
    const own = size(), place = own.parentElement;
    if (on === own.hasAttribute("data-near")) return;
    const bar = document.getElementById("actions").offsetHeight;
    document.documentElement.style.setProperty("--bar", `${bar}px`);
    place.style.minHeight = on ? `${place.offsetHeight}px` : "";  // what comes after it stays where it is
    own.toggleAttribute("data-near", on);
    asks().ariaExpanded = on;
    if (on) own.querySelector("input:checked")?.focus({preventScroll: true});
  };
  const away = () => size()?.hasAttribute("data-near") && show(false);
  const leave = () => {
    if (!size().hasAttribute("data-near")) return;
    asks().focus({preventScroll: true});  // the page would be scrolled to where the sizes are else
    away();
  };
  document.addEventListener("click", event => {
    if (event.target.closest?.("#size-button button")) return show(!size().hasAttribute("data-near"));
    if (!event.target.closest?.("#size")) away();
    else if (event.detail) setTimeout(leave);  // an arrow key only tries one; a tap has its effect first
  });
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !size()?.hasAttribute("data-near")) return;
    event.preventDefault();  // it would stop a run as well
    leave();
  });

  const tell = () => {
    const chosen = size()?.querySelector("input:checked")?.value;
    const text = chosen ? `Size: ${isNaN(chosen) ? chosen : "exact"}` : "Size";
    if (!asks() || asks().dataset.told === text) return;
    asks().dataset.told = asks().textContent = text;
  };
  document.addEventListener("change", tell);
  new MutationObserver(tell).observe(document.body, {childList: true, subtree: true, attributeFilter: ["class"]});
}
