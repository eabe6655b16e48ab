{
  // The line between before and after, for a finger, a mouse and keys; words and times as the visitor has them;
  // and a way to delete the link for the browser that has its key.
  const pictures = document.querySelector(".pictures");
  const range = Object.assign(document.createElement("input"), {type: "range", min: 0, max: 100, value: 20});
  range.setAttribute("aria-label", "Before and after");
  const line = Object.assign(document.createElement("div"), {className: "line"});
  const move = percent => {
    range.value = percent;
    range.setAttribute("aria-valuetext", `${Math.round(range.value)} % photo`);
    pictures.style.setProperty("--at", `${range.value}%`);
  };
  const follow = event => {
    const {left, width} = pictures.getBoundingClientRect();
    move((event.clientX - left) / width * 100);
  };
  range.addEventListener("input", () => move(range.value));
  pictures.addEventListener("pointerdown", event => {
    pictures.setPointerCapture(event.pointerId);
    follow(event);
  });
  pictures.addEventListener("pointermove", event => pictures.hasPointerCapture(event.pointerId) && follow(event));
  pictures.append(line, range);
  pictures.classList.add("compared");
  move(range.value);

  const main = document.querySelector("main"), time = document.querySelector("time");
  main.hidden = true;
  window.wordsAreThere.then(() => {
    const language = document.documentElement.lang;
    const date = new Date(time.dateTime).toLocaleString(language === "en" ? "en-GB" : language, {dateStyle: "long", timeStyle: "short"});
    time.parentElement.textContent = `This page is here until ${date}.`;
    main.hidden = false;
  });

  const token = location.pathname.split("/").pop();
  const owner = document.querySelector(".owner"), said = owner.querySelector("[role=status]");
  let key;
  try {
    key = JSON.parse(localStorage.getItem("nst-links") ?? "{}")[token]?.key;
  } catch { /* not what this page has kept */ }
  owner.hidden = !key;
  owner.querySelector("button").addEventListener("click", async () => {
    const body = new URLSearchParams({key});
    const answer = await fetch(`${token}/delete`, {method: "POST", body}).catch(() => null);
    if (answer && (answer.ok || answer.status === 404)) location.reload();
    else said.textContent = "The link could not be deleted: the server can't be reached. Try again.";
  });
}
