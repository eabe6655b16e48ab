() => {
  // On a phone the sizes lie far below Paint: a button beside it lays them over the page there, and away again.
  const size = () => document.getElementById("size");
  const asks = () => document.querySelector("#size-button button");
  const show = on => {
    const own = size(), place = own.parentElement;
    if (on === own.hasAttribute("data-near")) return;
    place.style.minHeight = on ? `${place.offsetHeight}px` : "";  // what comes after it stays where it is
    own.toggleAttribute("data-near", on);
    asks().ariaExpanded = on;
    if (on) own.querySelector("input:checked")?.focus({preventScroll: true});
  };
  const away = () => {
    if (!size()?.hasAttribute("data-near")) return false;
    show(false);
    return true;
  };
  document.addEventListener("click", event => {
    if (event.target.closest?.("#size-button button")) return show(!size().hasAttribute("data-near"));
    const chosen = event.detail && event.target.closest?.("#size label");  // an arrow key only tries one
    if (chosen || !event.target.closest?.("#size")) away();
  });
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !away()) return;
    event.preventDefault();  // it would stop a run as well
    asks().focus();
  });

  const tell = () => {
    const chosen = size()?.querySelector("input:checked")?.closest("label")?.textContent.trim().split("\n")[0];
    const text = chosen ? `Size: ${chosen.toLowerCase()}` : "Size";
    if (asks() && asks().textContent !== text) asks().textContent = text;
  };
  document.addEventListener("change", tell);
  new MutationObserver(tell).observe(document.body, {childList: true, subtree: true, attributeFilter: ["class"]});
}
