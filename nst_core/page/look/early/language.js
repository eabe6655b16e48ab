// The program's words are English. A browser shows them in its visitor's language: a catalogue has them by the
// English text, in which {1}, {2} … stand for what a sentence is about. What a catalogue lacks stays English.
{
  const LANGUAGES = {
    en: "English", de: "Deutsch", es: "Español", fr: "Français", zh: "简体中文", ja: "日本語", ar: "العربية",
  };
  const RIGHT_TO_LEFT = ["ar"];
  const TAGS = {zh: "zh-Hans"};  // where it is more than the catalogue's name
  const ATTRIBUTES = ["aria-label", "title", "alt", "placeholder", "aria-valuetext"];
  const LEFT_AS_IT_IS = "script, style, kbd, code, pre, #language option, [contenteditable], .api-docs", TYPED = "textarea";
  const KEPT = "nst-language";
  const PATIENCE = 5000, MOST_REMEMBERED = 2000;  // ms for a catalogue; texts

  const wanted = [localStorage.getItem(KEPT), ...navigator.languages].map(each => each?.split("-")[0]);
  let language = wanted.find(each => each in LANGUAGES) ?? "en";
  // Gradio's own words have to be English as well, for they are in the catalogues.
  for (const [name, value] of [["language", "en"], ["languages", ["en"]]])
    Object.defineProperty(navigator, name, {get: () => value, configurable: true});

  // -------- a text

  let catalogue = {}, patterns = [], remembered = new Map();
  const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const rank = key => key.length + (key.startsWith("{") ? 0 : 1000);  // what begins alike, and what says most, first
  const read = texts => {
    catalogue = texts;
    remembered = new Map();
    patterns = Object.keys(texts).filter(key => key.includes("{1}"))
      .sort((one, other) => rank(other) - rank(one))
      .map(key => [new RegExp(`^${key.split(/\{\d\}/).map(escaped).join("(.+?)")}$`, "s"), texts[key]]);
  };
  const changed = (text, how) => text.charAt(0)[how]() + text.slice(1);
  const known = text => {
    if (Object.hasOwn(catalogue, text)) return catalogue[text];
    const [lower, upper] = ["toLowerCase", "toUpperCase"].map(how => changed(text, how));
    if (Object.hasOwn(catalogue, lower)) return changed(catalogue[lower], "toUpperCase");  // a name that begins a sentence
    return Object.hasOwn(catalogue, upper) ? catalogue[upper] : null;  // a label in the middle of one
  };
  const filled = text => {
    for (const [pattern, sentence] of patterns) {
      const found = pattern.exec(text);
      if (found) return sentence.replace(/\{(\d)\}/g, (_, number) => phrase(found[number]));
    }
    return null;
  };
  const figure = text =>
    /^\d+\.\d+$/.test(text) ? text.replace(".", (0.5).toLocaleString(`${language}-u-nu-latn`).charAt(1)) : text;
  const phrase = text => known(text) ?? filled(text) ?? figure(text);
  const translated = text => {
    if (!remembered.has(text)) {
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      const words = text.replaceAll("\u00a0", " ");
      remembered.set(text, known(words) ?? words.split(/(?<=[.!?])(\s+)|(\n)/).map(each => each?.trim() ? phrase(each) : each).join(""));
    }
    return remembered.get(text);
  };
  window.inLanguage = text => language === "en" ? text : translated(text);

  // -------- the page

  const shown = new WeakMap();  // text or element -> by attribute, what was English, and what it became
  const put = (node, name, now, write) => {
    const all = shown.get(node) ?? {}, last = all[name];
    const english = last && last.became === now ? last.english : now;
    const [, before, text, after] = english.match(/^(\s*)(.*?)(\s*)$/s);
    const became = /\p{L}/u.test(text) ? `${before}${window.inLanguage(text)}${after}` : english;
    shown.set(node, {...all, [name]: {english, became}});
    if (became !== now) write(became);
    return english;
  };
  const putText = node => {
    if (!node.parentElement?.closest(`${LEFT_AS_IT_IS}, ${TYPED}`)) put(node, "", node.data, text => { node.data = text; });
  };
  const putAttributes = element => {
    if (element.closest(LEFT_AS_IT_IS)) return;
    for (const name of ATTRIBUTES) {
      const now = element.getAttribute(name);
      if (!now) continue;
      const english = put(element, name, now, text => element.setAttribute(name, text));
      // By its English label other scripts, and style sheets, find what Gradio has made.
      if (name === "aria-label") element.dataset.label = english;
    }
  };
  const putAll = root => {
    if (root.nodeType === Node.TEXT_NODE) return putText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    putAttributes(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) (walker.currentNode.nodeType === Node.TEXT_NODE ? putText : putAttributes)(walker.currentNode);
  };
  // What is chosen of a list, which Gradio shows in a field that nobody types in; a new one comes with other changes.
  const putChosen = () => document.querySelectorAll("input[role=combobox][readonly]").forEach(field =>
    put(field, "value", field.value, text => { field.value = text; }));
  const watching = new MutationObserver(changes => {
    changes.forEach(({type, target, addedNodes}) => {
      if (type === "attributes") putAttributes(target);
      else if (type === "characterData") putText(target);
      else addedNodes.forEach(putAll);
    });
    putChosen();
  });

  let turn = 0;
  const choose = async chosen => {
    const own = ++turn;
    const texts = chosen === "en" ? {} : await fetch(`${page.dataset.home ?? ""}languages/${chosen}.json`, {signal: AbortSignal.timeout(PATIENCE)})
      .then(answer => answer.ok ? answer.json() : {}).catch(() => ({}));
    if (own !== turn) return;  // another one was chosen meanwhile
    language = chosen;
    read(texts);
    page.dir = RIGHT_TO_LEFT.includes(chosen) ? "rtl" : "ltr";
    tag();
    putAll(page);
    putChosen();
    if (chosen !== "en") watching.observe(page, {childList: true, subtree: true, characterData: true, attributeFilter: ATTRIBUTES});
    else watching.disconnect();
  };
  const page = document.documentElement;
  const tag = () => {
    const right = TAGS[language] ?? language;
    if (page.lang !== right) page.lang = right;
  };
  new MutationObserver(tag).observe(page, {attributeFilter: ["lang"]});  // Gradio sets its own
  window.wordsAreThere = choose(language);

  // -------- who chooses

  const offer = () => {
    const list = document.querySelector("#language select");
    if (!list) return;
    offering.disconnect();
    list.replaceChildren(...Object.entries(LANGUAGES).map(([value, textContent]) =>
      Object.assign(document.createElement("option"), {value, textContent, lang: value, selected: value === language})));
  };
  const offering = new MutationObserver(offer);
  offering.observe(document, {childList: true, subtree: true});
  document.addEventListener("change", event => {
    if (!event.target.matches?.("#language select")) return;
    localStorage.setItem(KEPT, event.target.value);
    choose(event.target.value);
  });
}
