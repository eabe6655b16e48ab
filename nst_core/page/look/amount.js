() => {
  // While less of the picture is asked for, the photo is seen through it; then the server makes it so.
  window.showShare = share => {
    const photo = document.querySelector("#slider img")?.src;
    const pictures = [document.querySelector("#preview img"), [...document.querySelectorAll("#slider img")].at(-1)];
    for (const picture of pictures.filter(Boolean)) {
      picture.style.opacity = share === null ? "" : share / 100;
      picture.parentElement.style.background = share === null || !photo ? "" : `center / contain no-repeat url("${photo}")`;
    }
  };
}
