() => {
  // A part of the photo, turned or mirrored, takes its place as if it had been dropped there. Asked for again,
  // the dialog has the photo as it was chosen, with that part of it marked: nothing is cut off for good.
  // Cropper.js shows what is chosen; it is fetched when it is first asked for.
  const SHAPES = {
    "Free": () => NaN, "Square": () => 1, "4:5": () => 4 / 5, "16:9": () => 16 / 9,
    "Whole photo": ({naturalWidth, naturalHeight}) => naturalWidth / naturalHeight,
  };
  const NOT_LOADED = "The cropper could not be loaded: the page may have been lost. Try again.";
  const NOT_SHOWN = "This browser can't show the photo, so it can't be cropped here: save it as a JPEG or a PNG first.";
  const LESS = "This browser has no memory for a photo this large at its full size. It can make one of";
  const NOT_CUT = "This browser has no memory for a photo this large: choose a smaller one.";

  const dialog = document.createElement("dialog");
  dialog.id = "cropping";
  dialog.setAttribute("aria-labelledby", "cropping-title");
  const buttons = names => names.map(name => `<button type="button" value="${name}">${name}</button>`).join("");
  dialog.innerHTML = `<h2 id="cropping-title">Crop or turn</h2><div class="frame"><div></div><p role="status"></p></div>
    <fieldset><div class="turns" role="group" aria-label="Turn">${buttons(["Turn left", "Turn right", "Mirror"])}</div>
    <div class="shapes" role="group" aria-label="Shape">${buttons(Object.keys(SHAPES))}</div></fieldset>
    <div class="ends">${buttons(["Cancel", "Apply"])}</div>`;
  const [frame, said, tools] = [".frame div", "[role=status]", "fieldset"].map(each => dialog.querySelector(each));
  const [left, right, mirror, ...shapes] = tools.querySelectorAll("button");
  const [cancel, apply] = dialog.querySelectorAll(".ends button");
  const asks = () => document.querySelector("#crop button");
  const photo = () => document.querySelector("#content .image-frame img");
  const parts = new Map();  // path of a part -> the address of the photo that it is of, the cut and its shape
  const pathOf = address => decodeURIComponent(new URL(address, location).pathname).split("/file=").pop();
  let cropper, shape, part, warned;

  const fetched = (tag, told) => new Promise((done, failed) => {
    document.head.append(Object.assign(document.createElement(tag), told, {onload: done, onerror: failed}));
  });
  let library;
  const loaded = () => library ??= Promise.all([
    fetched("script", {src: `${window.gradio_config.root}/cropper.min.js`}),
    fetched("link", {rel: "stylesheet", href: `${window.gradio_config.root}/cropper.min.css`}),
  ]).catch(() => {
    library = null;
    throw new Error(NOT_LOADED);
  });

  // Cropper.js leaves the photo as large as it was when it is turned: here it fits the frame again.
  const refit = change => {
    cropper.clear();
    change?.();
    const {width, height} = cropper.getContainerData(), {naturalWidth, naturalHeight} = cropper.getCanvasData();
    const scale = Math.min(width / naturalWidth, height / naturalHeight);
    const [across, down] = [naturalWidth * scale, naturalHeight * scale];
    cropper.setCanvasData({left: (width - across) / 2, top: (height - down) / 2, width: across});
    cropper.crop();
  };
  const turn = by => {
    const {x, y, width, height} = cropper.getData(), {naturalWidth, naturalHeight} = cropper.getCanvasData();
    refit(() => cropper.rotate(by));
    if (shape !== "Free") return choose(shape);
    const corner = by > 0 ? {x: naturalHeight - y - height, y: x} : {x: y, y: naturalWidth - x - width};
    cropper.setData({...corner, width: height, height: width});
  };
  const flip = () => {
    const {x, width, rotate, scaleX, scaleY} = cropper.getData();
    if (rotate % 180) cropper.scaleY(-scaleY);  // it mirrors before it turns
    else cropper.scaleX(-scaleX);
    cropper.setData({x: cropper.getCanvasData().naturalWidth - x - width});
  };
  const choose = name => {
    const {x, y, width, height} = cropper.getData();
    shape = name;
    shapes.forEach(each => { each.ariaPressed = each.value === name; });
    cropper.setAspectRatio(SHAPES[name](cropper.getCanvasData()));
    if (name === "Free") cropper.setData({x, y, width, height});
  };
  const mark = ({cut: {x, y, width, height, rotate, scaleX, scaleY}, shape: name}) => {
    refit(() => cropper.rotateTo(rotate).scale(scaleX, scaleY));
    choose(name);
    cropper.setData({x, y, width, height});
  };

  const ready = on => { tools.disabled = apply.disabled = !on; };
  const decoded = async address => {
    const image = Object.assign(new Image(), {alt: "The photo", src: address});
    await image.decode();
    return image;
  };
  const show = async () => {
    const {src} = photo(), last = parts.get(pathOf(src));
    const [shown, whole] = await Promise.all([
      decoded(src).catch(() => { throw new Error(NOT_SHOWN); }),
      last && decoded(last.whole).catch(() => null),  // it may be deleted
      loaded(),
    ]);
    if (!dialog.open || frame.firstChild) return;  // it was closed meanwhile
    part = whole && last;
    const image = whole ?? shown;
    frame.append(image);
    image.addEventListener("ready", () => {
      said.textContent = "";
      ready(true);
      if (part) mark(part);
      else choose("Free");
      left.focus();
    });
    cropper = new Cropper(image, {
      viewMode: 1, autoCropArea: 1, dragMode: "none", zoomable: false, movable: false, background: false, center: false,
      minCropBoxWidth: 44, minCropBoxHeight: 44, minContainerWidth: 0, minContainerHeight: 0,
      checkCrossOrigin: false, checkOrientation: false,  // the browser has turned it upright
    });
  };
  const open = () => {
    (document.querySelector(".gradio-container") ?? document.body).append(dialog);
    ready(false);
    said.textContent = "Opening the photo …";
    warned = "";
    dialog.showModal();
    show().catch(problem => { said.textContent = problem.message; });
  };

  // What Cropper.js cuts of a photo with an odd side is half a pixel beside it, so it is drawn here.
  const drawn = (image, cut, scale, ground) => {
    const [width, height] = [cut.width, cut.height].map(side => Math.max(Math.round(side * scale), 1));
    const context = Object.assign(document.createElement("canvas"), {width, height}).getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    if (!context.getImageData(0, 0, 1, 1).data[3]) return null;  // too large for this browser
    if (!ground) context.clearRect(0, 0, width, height);
    const sides = [image.naturalWidth, image.naturalHeight];
    const [across, down] = cut.rotate % 180 ? [sides[1], sides[0]] : sides;
    context.scale(scale, scale);
    context.translate(across / 2 - cut.x, down / 2 - cut.y);
    context.rotate(cut.rotate * Math.PI / 180);
    context.scale(cut.scaleX, cut.scaleY);
    context.drawImage(image, -sides[0] / 2, -sides[1] / 2);
    return context.canvas;
  };
  const file = async (image, cut) => {
    const name = decodeURIComponent(new URL(image.src).pathname.split("/").pop());
    const [kind, end] = /\.png$/i.test(name) ? ["image/png", ".png"] : ["image/jpeg", ".jpg"];
    const canvas = [1, 1 / 2, 1 / 4].reduce((made, scale) => made ?? drawn(image, cut, scale, end === ".jpg"), null);
    const content = canvas && await new Promise(done => canvas.toBlob(done, kind, 0.95));
    if (!content) return null;
    const made = new File([content], name.replace(/(\.\w+)?$/, end), {type: kind});
    return {made, smaller: canvas.width < cut.width, size: `${canvas.width} × ${canvas.height} px`};
  };
  const same = ({x, y, width, height, rotate, scaleX, scaleY}, {naturalWidth, naturalHeight}) =>
    !x && !y && width === naturalWidth && height === naturalHeight
    && (rotate % 360 ? Math.abs(rotate) === 180 && scaleX + scaleY === -2 : scaleX + scaleY === 2);
  const alike = (one, other) => Object.keys(one).every(key => Math.abs(one[key] - other[key]) <= 1);
  const take = async () => {
    const own = cropper, image = frame.firstChild, cut = cropper.getData(true), asChosen = {...cut};
    if (part ? alike(cut, part.cut) : same(cut, cropper.getCanvasData())) return dialog.close();
    if (same(cut, cropper.getCanvasData())) {
      window.putPicture(pathOf(image.src), "content");
      return dialog.close();
    }
    if (shape === "Square") cut.width = cut.height = Math.min(cut.width, cut.height);
    ready(false);
    const result = await file(image, cut).catch(() => null);
    if (cropper !== own) return;  // it was closed meanwhile
    const warning = !result ? NOT_CUT : result.smaller ? `${LESS} ${result.size}: press Apply again to take that.` : "";
    if (warning && (!result || warned !== warning)) {
      said.textContent = warned = warning;
      return ready(true);
    }
    const kept = {whole: image.src, cut: asChosen, shape};
    window.takePictures([result.made], "content").then(paths => paths && parts.set(paths[0], kept));
    dialog.close();
  };

  left.addEventListener("click", () => turn(-90));
  right.addEventListener("click", () => turn(90));
  mirror.addEventListener("click", flip);
  shapes.forEach(each => each.addEventListener("click", () => choose(each.value)));
  cancel.addEventListener("click", () => dialog.close());
  apply.addEventListener("click", take);
  document.addEventListener("click", event => event.target.closest?.("#crop button") && open());
  dialog.addEventListener("close", () => {
    cropper?.destroy();
    cropper = null;
    frame.replaceChildren();
    asks()?.focus();
  });
  addEventListener("resize", () => {
    if (!cropper || tools.disabled) return;
    const {x, y, width, height} = cropper.getData();  // Cropper.js, which hears of it next, may choose another part
    requestAnimationFrame(() => {
      if (!cropper) return;
      refit();
      cropper.setData({x, y, width, height});
    });
  }, true);
  const allow = () => { if (asks()) asks().disabled = !photo(); };
  new MutationObserver(allow).observe(document.body, {childList: true, subtree: true});
}
