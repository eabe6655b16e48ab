() => {
  // A picture that is dropped or pasted anywhere on the page is taken: where it falls, else as the photo.
  const PLACES = ["content", "style", "mask", "outside", "style-2", "style-3", "style-4"];
  const placeOf = target => target.closest?.(PLACES.map(id => `#${id}`).join())?.id ?? "content";
  const tell = detail => document.querySelector("#dropped .bell")?.dispatchEvent(
    new CustomEvent("put", {detail, bubbles: true}));

  const uploaded = async files => {
    const form = new FormData();
    files.forEach(file => form.append("files", file, file.name || "picture.png"));
    const {root, api_prefix} = window.gradio_config;
    const answer = await fetch(`${root}${api_prefix}/upload`, {method: "POST", body: form});
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const asked = ([one, other]) =>
    confirm(window.inLanguage(`Is "${one.name}" the photo, and "${other.name}" the style? Cancel takes them the other way.`))
      ? ["content", "style"] : ["style", "content"];

  const take = async (files, place) => {
    if (files.length > 2) return tell({problem: "many"});
    if (files.some(file => file.type && !file.type.startsWith("image/"))) return tell({problem: "kind"});
    const places = files.length === 2 ? asked(files) : [place];
    try {
      const paths = await uploaded(files);
      tell({files: paths.map((path, number) => [places[number], path])});
      return paths;
    } catch {
      tell({problem: "upload"});
    }
  };
  window.takePictures = take;  // gives their paths on the server, or nothing where they are not taken
  // What is on the server already; settings inside it stay there.
  window.putPicture = (path, place) => tell({files: [[place, path]], as_it_is: true});

  const holdsFiles = event => event.dataTransfer?.types.includes("Files");
  const folder = items => [...items].some(item => item.webkitGetAsEntry?.()?.isDirectory);
  addEventListener("dragover", event => {
    if (!event.target.closest?.("#restore, #clip, #drawing")) event.preventDefault();
  }, true);
  addEventListener("drop", event => {
    if (event.target.closest?.("#restore, #clip, input:not([type=file]), textarea")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const {items, files} = event.dataTransfer;
    if (!holdsFiles(event) || !files.length) tell({problem: "link"});
    else if (folder(items)) tell({problem: "folder"});
    else take([...files], placeOf(event.target));
  }, true);
  addEventListener("paste", event => {
    if (event.target.closest?.("input:not([type=file]), textarea, [contenteditable]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const files = [...event.clipboardData.files];
    const link = /^\s*https?:/.test(event.clipboardData.getData("text"));
    if (files.length) take(files, placeOf(event.target));
    else tell({problem: link ? "link" : "text"});
  }, true);
}
