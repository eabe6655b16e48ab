() => {
  // A page of its own for what is shown: this asks once, then shows the address, and deletes it again.
  const KEPT = "nst-links";  // token -> key and time, by which the page of a link knows who made it
  const NOT_KEPT = "This browser keeps nothing, so the link can be deleted only here, until the page is left.";
  const dialog = document.createElement("dialog");
  dialog.id = "linking";
  dialog.setAttribute("aria-labelledby", "linking-title");
  dialog.innerHTML = `<h2 id="linking-title">A link to this picture</h2><p role="status"></p>
    <input readonly aria-label="Address of the link"><div class="ends"><button type="button">Delete</button>
    <button type="button">Close</button><button type="button">Make the link</button><button type="button"></button></div>`;
  const [said, address] = ["[role=status]", "input"].map(each => dialog.querySelector(each));
  const [remove, close, make, pass] = dialog.querySelectorAll("button");
  const made = new Map();  // what is shown -> its link
  let shown;

  const keep = change => {
    try {
      const kept = Object.entries(JSON.parse(localStorage.getItem(KEPT) ?? "{}")).filter(([, {until}]) => until > Date.now());
      const links = Object.fromEntries(kept);
      change(links);
      localStorage.setItem(KEPT, JSON.stringify(links));
      return true;
    } catch {
      return false;
    }
  };
  const addressOf = ({token}) =>
    `${location.origin}${new URL(window.gradio_config.root, location.href).pathname.replace(/\/$/, "")}/link/${token}`;
  const show = (text, link, asking = false) => {
    said.textContent = text;
    address.hidden = remove.hidden = pass.hidden = !link;
    make.hidden = !asking;
    close.textContent = asking ? "Cancel" : "Close";
    if (link) address.value = addressOf(link);
    pass.textContent = navigator.share ? "Share" : "Copy";
  };
  const copied = async () => {
    try {
      await navigator.clipboard.writeText(address.value);
      return true;
    } catch {  // it asks first, or the page has come over plain HTTP
      address.select();
      return document.execCommand("copy");
    }
  };
  const copy = async () => {
    const done = await copied();
    said.textContent = done ? "The address is copied." : "Copy the address from here.";
  };

  window.askForLink = (file, time) => {
    shown = file?.url;
    (document.querySelector(".gradio-container") ?? document.body).append(dialog);
    const link = made.get(shown);
    if (link && link.until > Date.now()) show("This picture has a link.", link);
    else show(`Anybody who has the link sees this picture and your photo for ${time}.`, null, true);
    make.disabled = false;
    dialog.showModal();
  };
  make.addEventListener("click", () => {
    make.disabled = true;
    said.textContent = "Making the link …";
    document.querySelector("#link-wanted .bell")?.dispatchEvent(new CustomEvent("link", {bubbles: true}));
  });
  window.linkMade = async link => {
    if (link.problem) return show(link.problem, null);
    made.set(shown, link);
    const kept = keep(links => { links[link.token] = {key: link.key, until: link.until}; });
    show("", link);
    await copy();
    if (!kept) said.textContent += ` ${NOT_KEPT}`;
    if (dialog.open) pass.focus();
  };
  pass.addEventListener("click", async () => {
    if (!navigator.share) return copy();
    try {
      await navigator.share({url: address.value});
      said.textContent = "The link was handed to the app that you chose.";
    } catch (problem) {
      if (problem.name !== "AbortError") await copy();
    }
  });
  remove.addEventListener("click", async () => {
    const {token, key} = made.get(shown);
    const answer = await fetch(`${addressOf({token})}/delete`, {method: "POST", body: new URLSearchParams({key})}).catch(() => null);
    if (!answer?.ok && answer?.status !== 404) {
      said.textContent = "The link could not be deleted: the server can't be reached. Try again.";
      return;
    }
    made.delete(shown);
    keep(links => { delete links[token]; });
    show("The link is deleted: nobody sees the picture there any more.", null);
    close.focus();
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => document.querySelector("#link")?.focus());
}
