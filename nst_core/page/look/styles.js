() => {
  // All styles of a shelf by groups, and a field that filters them. The cells stand for the shelf's cards:
  // they look like those, also when these change, and a press on one is a press on the other.
  const dialog = document.createElement("dialog");
  dialog.id = "all-styles";
  dialog.setAttribute("aria-labelledby", "all-styles-title");
  dialog.setAttribute("closedby", "any");
  dialog.innerHTML = `<header><h2 id="all-styles-title">All styles</h2><button class="close">Close</button>
    <input type="search" aria-label="Find a style" placeholder="Find by name or painter" autocomplete="off">
    <p role="status"></p></header><div class="groups"></div>`;
  const [close, field, found, groups] =
    [".close", "input", "[role=status]", ".groups"].map(each => dialog.querySelector(each));
  const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let shelf;

  const cells = () => [...groups.querySelectorAll("button")];
  const cellOf = card => cells().find(cell => cell.dataset.of === card.dataset.style) ?? newCell(card);
  const newCell = card => {
    const name = card.dataset.group, cell = document.createElement("button");
    let group = [...groups.children].find(each => each.dataset.name === name);
    if (!group) {
      group = document.createElement("section");
      group.dataset.name = group.ariaLabel = name;
      group.innerHTML = "<h3></h3><div></div>";
      group.firstChild.textContent = name;
      groups.append(group);
    }
    cell.type = "button";
    cell.dataset.of = card.dataset.style;
    cell.ariaLabel = card.ariaLabel;
    const said = [card.title, name, card.dataset.by], english = card.dataset.label ?? "";
    cell.dataset.words = plain([...said, ...said.map(window.inLanguage), english].join(" "));
    group.lastChild.append(cell);
    return cell;
  };
  const fill = () => shelf.querySelectorAll("[data-group]").forEach(card => {
    const cell = cellOf(card);
    cell.ariaPressed = card.ariaPressed;
    const by = Object.assign(document.createElement("small"), {textContent: card.dataset.by});
    cell.replaceChildren(...[...card.children].map(each => each.cloneNode(true)), by);
  });
  const filter = () => {
    const words = plain(field.value).split(/\s+/);
    cells().forEach(cell => { cell.hidden = !words.every(word => cell.dataset.words.includes(word)); });
    [...groups.children].forEach(group => { group.hidden = !group.querySelector("button:not([hidden])"); });
    const count = cells().filter(cell => !cell.hidden).length;
    found.textContent = count === 1 ? "1 style" : count ? `${count} styles` : "No style has such a name, painter or group.";
  };

  const watching = new MutationObserver(fill);
  const open = of => {
    shelf = of;
    groups.replaceChildren();
    field.value = "";
    fill();
    filter();
    watching.observe(shelf, {childList: true, subtree: true, attributeFilter: ["src", "aria-pressed"]});
    (document.querySelector(".gradio-container") ?? document.body).append(dialog);
    dialog.showModal();
    // A phone's keyboard would cover the half of it.
    const chosen = groups.querySelector("[aria-pressed=true]");
    (matchMedia("(pointer: coarse)").matches ? chosen ?? close : field).focus();
  };
  const choose = cell => {
    dialog.close();
    [...shelf.querySelectorAll("[data-group]")].find(card => card.dataset.style === cell.dataset.of)?.click();
  };
  document.addEventListener("click", event => {
    const asks = event.target.closest?.(".all"), cell = event.target.closest?.("#all-styles [data-of]");
    if (asks) open(asks.parentElement);
    if (cell) choose(cell);
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => watching.disconnect());
  field.addEventListener("input", filter);
  field.addEventListener("keydown", event => {
    if (event.key === "Escape") dialog.close();  // else it would only clear the field
    if (event.key !== "Enter") return;
    event.preventDefault();  // else it would press what has the focus afterwards
    const first = cells().find(cell => !cell.hidden);
    if (field.value && first) choose(first);
  });
}
