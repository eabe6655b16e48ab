() => {
  // Each tab has an address, #paint and so on, which can be linked; Back goes to the tab before.
  const tabs = () => [...document.querySelectorAll("#tabs > .tab-wrapper [role=tab]")];
  const nameOf = tab => tab.dataset.tabId;
  const asked = () => tabs().find(tab => nameOf(tab) === location.hash.slice(1));
  let shown;  // the name of the tab that the address stands for

  const open = () => {
    const tab = asked() || (location.hash ? null : tabs()[0]);
    if (!tab) return;  // the address of something else
    shown = nameOf(tab);
    if (tab.getAttribute("aria-selected") !== "true") tab.click();
  };
  const note = () => {
    const tab = tabs().find(tab => tab.getAttribute("aria-selected") === "true");
    if (!tab || nameOf(tab) === shown) return;
    shown = nameOf(tab);
    history.pushState(history.state, "", `#${shown}`);
  };
  const begin = () => {
    if (!tabs().length) return false;
    open();
    shown ??= nameOf(tabs()[0]);
    const selected = {attributeFilter: ["aria-selected"], childList: true, subtree: true};
    new MutationObserver(note).observe(document.querySelector("#tabs > .tab-wrapper"), selected);
    window.addEventListener("popstate", open);
    window.addEventListener("hashchange", open);
    return true;
  };
  if (begin()) return;
  const waiting = new MutationObserver(() => begin() && waiting.disconnect());
  waiting.observe(document.body, {childList: true, subtree: true});
}
