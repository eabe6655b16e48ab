() => {
  // The Live tab is there where there is a camera, and its camera is off while nothing is painted of it.
  const tab = () => document.querySelector("#tabs [role=tab][data-tab-id=live]");
  const stop = () => document.querySelector('#camera [title="stop recording"]')?.closest("button").click();
  const cameras = async () => {
    const devices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) ?? [];
    return devices.some(device => device.kind === "videoinput");
  };
  const seen = () => !document.hidden && tab()?.getAttribute("aria-selected") === "true";
  const video = () => document.querySelector("#camera video");
  const tracks = () => video()?.srcObject?.getTracks() ?? [];
  const off = () => tracks().forEach(track => track.stop());
  const look = () => {
    if (seen()) return;
    stop();
    off();
  };
  document.addEventListener("visibilitychange", look);
  const begin = async () => {
    if (!tab()) return setTimeout(begin, 100);
    const selected = {attributeFilter: ["aria-selected"], subtree: true};
    new MutationObserver(look).observe(document.querySelector("#tabs > .tab-wrapper"), selected);
    document.body.classList.toggle("no-live", !await cameras());
  };
  begin();

  // Gradio's button says Record, and nothing is recorded.
  const WORDS = {"Record": "Start painting", "Stop": "Stop painting", "Click to Access Webcam": "Turn the camera on"};
  const BEGIN_AGAIN = 500;  // ms until Gradio has begun again by itself, when a stream's time is over
  let painting = false, pressed = 0;
  const OFF = "The camera is off.", ON = "The camera is on, and nothing is painted yet: press Start painting.";
  const tell = () => {
    const said = document.querySelector("#live-status p");
    const now = tracks().some(track => track.readyState === "live") ? ON : OFF;
    if ([OFF, ON].includes(said?.textContent) && said.textContent !== now) said.textContent = now;
  };
  document.addEventListener("playing", tell, true);
  const justPressed = () => performance.now() - pressed < 2 * BEGIN_AGAIN;
  const name = () => {
    const box = document.getElementById("camera");
    if (!box) return;
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const word = WORDS[texts.currentNode.data.trim()];
      if (!word) continue;
      texts.currentNode.data = word;
      texts.currentNode.parentElement.closest(".capture-button")?.setAttribute("aria-label", word);
    }
    tell();
    const now = Boolean(box.querySelector('[title="stop recording"]'));
    const [ended, begun] = [painting && !now, !painting && now];
    painting = now;
    if (begun && !justPressed()) stop();
    if (ended && justPressed()) off();
    else if (ended) setTimeout(() => painting || off(), BEGIN_AGAIN);
  };
  new MutationObserver(name).observe(document.body, {childList: true, subtree: true, characterData: true});
  document.addEventListener("click", async event => {
    const button = event.target.closest?.("#camera .capture-button");
    if (button) pressed = performance.now();
    if (!button || !tracks().length || tracks().some(track => track.readyState === "live")) return;
    if (button.querySelector('[title="stop recording"]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    video().srcObject = await navigator.mediaDevices.getUserMedia({video: {width: 640}});
    await video().play();
    button.click();
  }, true);

  window.keepLivePicture = () => {
    const picture = document.querySelector("#live img");
    if (!picture?.src.startsWith("data:")) return "<p>There is no picture yet: start the camera.</p>";
    const link = document.createElement("a");
    link.href = picture.src;
    link.download = "live.jpg";
    link.click();
    return "<p>The picture was downloaded: live.jpg</p>";
  };
}
