// The list of pages, the search, hints at wide tables, and printing. A page reads without it.
(() => {
  const menu = document.querySelector("details.menu");
  const wide = matchMedia("(min-width: 64rem)");
  const unfold = () => { menu.open = wide.matches; };
  unfold();
  wide.addEventListener("change", unfold);

  // A hint stands above what scrolls sideways, while it does.
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const hint = target.parentElement.querySelector(":scope > .hint");
      if (hint) hint.hidden = target.scrollWidth <= target.clientWidth + 1;
    }
  });
  for (const region of document.querySelectorAll(".wide > .scroll")) watcher.observe(region);

  // On paper every figure is light and nothing can be unfolded: sources stand open. A figure that has to be fetched
  // while it prints would be missing, so the light ones are fetched before.
  const dark = [...document.querySelectorAll("picture source")];
  addEventListener("load", () => {
    for (const source of dark) new Image().src = source.parentElement.querySelector("img").src;
  });
  let opened = [];
  let media = [];
  addEventListener("beforeprint", () => {
    media = dark.map((source) => source.media);
    for (const source of dark) source.media = "not all";
    opened = [...document.querySelectorAll("main details:not(.made, .described, [open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    dark.forEach((source, at) => { source.media = media[at]; });
    for (const details of opened) details.open = false;
  });

  const search = document.getElementById("search");
  const query = document.getElementById("query");
  const found = document.getElementById("found");
  const results = document.getElementById("results");
  const MOST = 12;
  search.hidden = false;

  // "Müller" is found by "muller".
  const simple = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  let entries = null;
  function load() {
    entries ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = "search-index.js";
      script.onload = () => done(window.searchEntries.map((entry) => ({
        ...entry, inHeading: simple(`${entry.page} ${entry.heading}`), inText: simple(entry.text),
      })));
      document.head.append(script);
    });
    return entries;
  }

  function score(entry, words) {
    let sum = 0;
    for (const word of words) {
      const inHeading = entry.inHeading.includes(word);
      const times = entry.inText.split(word).length - 1;
      if (!inHeading && !times) return 0;
      sum += (inHeading ? 10 : 0) + Math.min(times, 5);
    }
    return sum;
  }

  function snippet(entry, words) {
    const places = words.map((word) => entry.inText.indexOf(word)).filter((at) => at >= 0);
    if (!places.length) return entry.text.slice(0, 90);
    const at = Math.min(...places);
    const start = Math.max(0, at - 35);
    return (start ? "…" : "") + entry.text.slice(start, at + 75) + "…";
  }

  function show(entry, words) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const text = document.createElement("small");
    link.href = entry.place;
    link.textContent = entry.heading === entry.page ? entry.page : `${entry.heading} · ${entry.page}`;
    text.textContent = snippet(entry, words);
    item.append(link, text);
    return item;
  }

  async function look() {
    const asked = query.value;
    const words = simple(asked).split(/\s+/).filter(Boolean);
    const all = words.length ? await load() : [];
    if (query.value !== asked) return;
    const matches = all
      .map((entry) => [score(entry, words), entry])
      .filter(([points]) => points)
      .sort(([one], [other]) => other - one);
    results.replaceChildren(...matches.slice(0, MOST).map(([, entry]) => show(entry, words)));
    const said = matches.length ? search.dataset.count : search.dataset.none;
    found.textContent = words.length
      ? said.replace("{words}", asked.trim()).replace("{count}", matches.length)
      : "";
  }

  query.addEventListener("focus", load);
  query.addEventListener("input", look);
})();
