() => {
  // The phone's share sheet, with the picture in it; elsewhere the picture is downloaded.
  const download = (address, name) => {
    const link = document.createElement("a");
    Object.assign(link, {href: address, download: name});
    link.click();
  };
  const share = async picture => {
    const name = picture.orig_name ?? "picture.png";
    const answer = await fetch(picture.url);
    if (!answer.ok) return "The picture could not be shared: it is not on the server any more.";
    const content = await answer.blob();
    const file = new File([content], name, {type: content.type});
    if (navigator.canShare?.({files: [file]})) {
      try {
        await navigator.share({files: [file]});
        return "The picture was handed to the app that you chose.";
      } catch (problem) {
        if (problem.name === "AbortError") return "Nothing was shared.";
      }
    }
    download(picture.url, name);
    return `This browser has no share sheet here, so the picture was downloaded: ${name}`;
  };
  window.downloadPicture = ({url, orig_name}) => download(url, orig_name ?? "picture.jpg");
  window.sharePicture = async picture => {
    const words = document.createElement("p");
    words.textContent = await share(picture).catch(() => "The picture could not be shared.");
    return words.outerHTML;
  };
}
