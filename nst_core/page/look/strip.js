() => {
  // The server tells times in UTC, and a visitor's clock has its own.
  const tell = () => document.querySelectorAll("#strip .caption-label").forEach(label => {
    const text = [...label.childNodes].find(node => /\d\d:\d\d\sUTC\s*$/.test(node.data));
    const [, hours, minutes] = text?.data.match(/(\d\d):(\d\d)\sUTC/) ?? [];
    if (!hours) return;
    const date = new Date();
    date.setUTCHours(hours, minutes);
    const local = date.toTimeString().slice(0, 5);
    text.data = text.data.replace(/\d\d:\d\d\sUTC/, local);
  });
  new MutationObserver(tell).observe(document.body, {childList: true, subtree: true, characterData: true});
}
