// The page is English, and so are the words that Gradio adds to it, whatever the browser's language is.
for (const [name, value] of [["language", "en"], ["languages", ["en"]]])
  Object.defineProperty(navigator, name, {get: () => value, configurable: true});
