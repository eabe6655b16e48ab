() => {
  // A phone offers its clips and its camera; what is too large is told before it is sent.
  const MAY_BE = "video/*,image/gif,image/webp,image/apng,image/avif";
  const input = () => document.querySelector("#clip input[type=file]");
  const offer = () => { if (input() && input().accept !== MAY_BE) input().accept = MAY_BE; };
  new MutationObserver(offer).observe(document.body, {childList: true, subtree: true});

  const refuse = event => {
    const files = event.target.closest?.("#clip") ? event.dataTransfer?.files ?? event.target.files : [];
    if (![...files ?? []].some(file => file.size > window.gradio_config.max_file_size)) return;
    event.preventDefault();
    if (!event.dataTransfer) event.target.value = "";
    event.stopImmediatePropagation();
    document.querySelector("#clip-large .bell")?.dispatchEvent(new CustomEvent("put", {bubbles: true}));
  };
  addEventListener("change", refuse, true);
  addEventListener("drop", refuse, true);
}
