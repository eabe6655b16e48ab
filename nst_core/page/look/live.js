() => {
  // The Live tab is there where there is a camera, and its camera is off while nobody sees it.
  const tab = () => document.querySelector("#tabs [role=tab][data-tab-id=live]");
  const stop = () => document.querySelector('#camera [title="stop recording"]')?.closest("button").click();
  const cameras = async () => {
    const devices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) ?? [];
    return devices.some(device => device.kind === "videoinput");
  };
  const seen = () => !document.hidden && tab()?.getAttribute("aria-selected") === "true";
  const look = () => seen() || stop();
  document.addEventListener("visibilitychange", look);
  const begin = async () => {
    if (!tab()) return setTimeout(begin, 100);
    const selected = {attributeFilter: ["aria-selected"], subtree: true};
    new MutationObserver(look).observe(document.querySelector("#tabs > .tab-wrapper"), selected);
    document.body.classList.toggle("no-live", !await cameras());
  };
  begin();

  window.keepLivePicture = () => {
    const picture = document.querySelector("#live img");
    if (!picture?.src.startsWith("data:")) return;
    const link = document.createElement("a");
    link.href = picture.src;
    link.download = "live.jpg";
    link.click();
  };
}
