() => {
  // The phone's share sheet, with the picture in it; elsewhere the picture is downloaded. What came of it is told.
  const download = (address, name) => {
    const link = document.createElement("a");
    Object.assign(link, {href: address, download: name});
    link.click();
  };
  const paragraph = text => Object.assign(document.createElement("p"), {textContent: text}).outerHTML;
  const HANDED = {
    picture: "The picture was handed to the app that you chose.",
    preview: "The quick preview was handed to the app that you chose.",
  };
  const NO_SHEET = {
    picture: "This browser has no share sheet here, so the picture was downloaded",
    preview: "This browser has no share sheet here, so the quick preview was downloaded",
  };
  const kindOf = name => name.startsWith("preview-") ? "preview" : "picture";
  const more = name => kindOf(name) === "preview" ? " Press Paint for the real picture." : "";
  const share = async picture => {
    const name = picture.orig_name ?? "picture.png";
    const answer = await fetch(picture.url);
    if (!answer.ok) return "The picture could not be shared: it is not on the server any more.";
    const content = await answer.blob();
    const file = new File([content], name, {type: content.type});
    if (navigator.canShare?.({files: [file]})) {
      try {
        await navigator.share({files: [file]});
        return `${HANDED[kindOf(name)]}${more(name)}`;
      } catch (problem) {
        if (problem.name === "AbortError") return "Nothing was shared.";
      }
    }
    download(picture.url, name);
    return `${NO_SHEET[kindOf(name)]}: ${name}.${more(name)}`;
  };
  // A button of Gradio's has it downloaded already.
  window.savedPicture = file => {
    const name = file?.orig_name ?? "The file";
    return paragraph(`Saved: ${name} is among your downloads.${more(name)}`);
  };
  window.downloadPicture = picture => {
    download(picture.url, picture.orig_name ?? "picture.jpg");
    return window.savedPicture(picture);
  };
  window.sharePicture = async picture =>
    paragraph(await share(picture).catch(() => "The picture could not be shared."));
}
