() => {
  // Gradio labels what is empty, but such a label needs a role to be spoken; its slider has none.
  const name = () => {
    document.querySelectorAll(".empty[aria-label]:not([role])")
      .forEach(empty => empty.setAttribute("role", "img"));
    document.querySelectorAll("#slider img")
      .forEach((image, number) => { image.alt = number ? "The picture" : "The photo"; });
  };
  new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
  name();
}
