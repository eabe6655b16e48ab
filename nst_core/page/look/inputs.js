() => {
  // Where a browser has no camera, or shows it to pages with HTTPS alone, there is none to offer.
  document.documentElement.classList.toggle("no-camera", !navigator.mediaDevices?.getUserMedia);

  // A tap on an image, or on the arrow below it, chooses another one; the old one stays until there is one.
  document.addEventListener("click", event => {
    const box = event.target.closest?.("#content, #style");
    const asks = event.target.closest?.(".image-frame, button[aria-label='Upload file']");
    if (asks && box?.querySelector(".image-frame"))
      box.querySelector("input[type=file]")?.click();
  });

  // What takes long is asked about once. In the capture phase, before the button hears of it.
  document.addEventListener("click", event => {
    const line = document.querySelector("#time [data-question]");
    if (!line || line.dataset.asked || !event.target.closest?.("#paint-go")) return;
    line.dataset.asked = "yes";
    line.textContent = line.dataset.question;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}
