() => {
  // Gradio labels what is empty, but such a label needs a role to be spoken; its slider has none,
  // and what stands beside an icon or below a cell would be spoken twice.
  const name = () => {
    document.querySelectorAll(".empty[aria-label]:not([role])")
      .forEach(empty => empty.setAttribute("role", "img"));
    document.querySelectorAll("#slider img")
      .forEach((image, number) => { image.alt = number ? "The picture" : "The photo"; });
    document.querySelectorAll("footer img, #sheet button:has(.caption-label) img")
      .forEach(image => { if (image.alt) image.alt = ""; });
  };
  new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
  name();
}
