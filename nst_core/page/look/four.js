() => {
  // A tap on a draft does what the button below it does.
  document.addEventListener("click", event => {
    const cell = event.target.closest(".four-cell"), go = cell?.querySelector(".four-take");
    if (go && !go.contains(event.target) && event.target.closest("img, button")) go.click();
  });
}
