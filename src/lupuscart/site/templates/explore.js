// Counts to point at, and one count to move. Every limit was computed beforehand; here they are looked up,
// compared with a rate, and moved by it.
(() => {
  const fill = (template, gaps) => template.replace(/\{(\w+)\}/g, (gap, name) => gaps[name] ?? gap);

  // As Python writes numbers: a tie goes to the even digit.
  function fixed(value, decimals) {
    const halves = value * 2 * 10 ** decimals;
    if (!Number.isInteger(halves) || halves % 2 === 0 || !Number.isInteger(value * 4)) return value.toFixed(decimals);
    const below = Math.floor(value * 10 ** decimals);
    return ((below % 2 ? below + 1 : below) / 10 ** decimals).toFixed(decimals);
  }

  // In percent, with a decimal where it would round to 0 or 100.
  function hundredths(rate) {
    for (const decimals of [0, 1]) {
      const text = fixed(100 * rate, decimals);
      if (!(rate > 0 && rate < 1) || ![0, 100].includes(Number(text))) return text;
    }
    return rate < 0.5 ? "<0.1" : ">99.9";
  }

  // In points, with a true minus sign and a decimal where it would round to 0.
  function points(difference) {
    const whole = Number(fixed(100 * difference, 0));
    return String(whole || Number(fixed(100 * difference, 1)) + 0).replace("-", "−");
  }

  function node(name, attributes, text = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  const EDGE = 9;
  const LINE = 19;
  const NARROW = 560;

  const ruler = document.createElement("canvas").getContext("2d");
  function broad(text) {
    ruler.font = `14px ${getComputedStyle(document.body).fontFamily}`;
    return ruler.measureText(text).width;
  }

  // What is too long for the width ends with dots; the whole of it is said when the row is pointed at.
  function shortened(text, width) {
    if (broad(text) <= width) return text;
    let letters = text.length;
    while (letters > 1 && broad(`${text.slice(0, letters)}…`) > width) letters -= 1;
    return `${text.slice(0, letters)}…`;
  }

  // Rows one below the other: words above, a line from limit to limit below them, and a rule through all rows.
  function draw(svg, rows, { from = 0, to = 100, step = 20, rule = null }) {
    const width = svg.clientWidth;
    // On a phone what was counted has a line of its own.
    const above = width < NARROW && rows.some((row) => row.more) ? 2 : 1;
    const height = above * LINE + 31;
    const bottom = rows.length * height + 8;
    const x = (value) => EDGE + (width - 2 * EDGE) * (value - from) / (to - from);
    svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 26}`);
    svg.setAttribute("height", bottom + 26);
    const drawn = [];
    for (let tick = from; tick <= to; tick += step) {
      drawn.push(node("line", { class: "grid", x1: x(tick), x2: x(tick), y1: 0, y2: bottom }));
      const anchor = tick === from ? "start" : tick === to ? "end" : "middle";
      const place = tick === from ? 0 : tick === to ? width : x(tick);
      drawn.push(node("text", { class: "tick", x: place, y: bottom + 18, "text-anchor": anchor }, String(tick).replace("-", "−")));
    }
    if (rule !== null) drawn.push(node("line", { class: "rule", x1: x(rule), x2: x(rule), y1: 0, y2: bottom }));
    rows.forEach((row, at) => {
      const y = at * height + above * LINE + 17;
      const top = at * height + 21;
      const group = node("g", { class: row.look ?? "" });
      const name = above === 1 && row.more ? `${row.left} · ${row.more}` : row.left;
      group.append(
        node("rect", { class: "hit", x: 0, y: at * height + 2, width, height: height - 2, rx: 4 }),
        node("text", { x: EDGE, y: top }, shortened(name, width - 3 * EDGE - broad(row.right))),
        node("text", { x: width - EDGE, y: top, "text-anchor": "end" }, row.right),
        ...(above === 2 && row.more ? [node("text", { x: EDGE, y: top + LINE }, shortened(row.more, width - 2 * EDGE))] : []),
        node("line", { class: "limits", x1: x(row.low), x2: x(row.high), y1: y, y2: y }),
        row.look?.includes("benchmark")
          ? node("rect", { class: "value", x: x(row.value) - 6, y: y - 6, width: 12, height: 12 })
          : node("circle", { class: "value", cx: x(row.value), cy: y, r: 6.5 }),
      );
      if (row.point) {
        for (const [key, value] of [["tabindex", 0], ["role", "button"], ["aria-label", `${row.left} ${row.right}`]]) group.setAttribute(key, value);
        for (const event of ["pointerenter", "focus", "click"]) group.addEventListener(event, row.point);
      }
      drawn.push(group);
    });
    svg.replaceChildren(...drawn);
  }


  function paragraphs(place, sentences) {
    place.replaceChildren(...sentences.map((sentence) => {
      const paragraph = document.createElement("p");
      // No line may begin with the sign of per cent.
      paragraph.textContent = sentence.replace(/ %/g, "\u00a0%");
      return paragraph;
    }));
  }

  function rates(section, data) {
    const [group, rate] = ["group", "rate"].map((name) => section.querySelector(`[name=${name}]`));
    const [said, mark, svg] = [".said", ".mark", "svg"].map((place) => section.querySelector(place));

    function show() {
      const shown = data.rows.filter((row) => !group.value || row.group === group.value);
      const counted = shown.filter((row) => !row.benchmark);
      const at = rate.value / 100;
      const above = counted.filter((row) => row.low > at);
      const below = counted.filter((row) => row.high < at);
      const text = fill(data.words.percent, { value: rate.value });
      rate.parentElement.querySelector("output").textContent = rate.value;
      paragraphs(said, [fill(data.said, {
        rate: text,
        total: counted.length,
        above: above.length,
        below: below.length,
        within: counted.length - above.length - below.length,
        names: above.map((row) => row.name).join(data.words.list_separator) || data.words["explore.nobody"],
      })]);
      draw(svg, shown.map((row) => ({
        low: 100 * row.low,
        high: 100 * row.high,
        value: 100 * row.rate,
        left: row.name,
        more: `${row.group} · ${row.when}`,
        right: `${row.count} · ${row.range}`,
        look: `${row.second_hand ? "hollow" : ""} ${row.benchmark ? "benchmark" : ""}`,
        point: () => { mark.textContent = `${row.said} ${row.read}`; },
      })), { rule: Number(rate.value) });
    }

    return show;
  }

  function scenario(section, data) {
    const control = Object.fromEntries([...section.querySelectorAll("[name]")].map((each) => [each.name, each]));
    const [said, body] = [".said", "tbody"].map((place) => section.querySelector(place));
    const [response, added] = section.querySelectorAll("svg");
    const words = data.words;
    const percent = (rate) => fill(words.percent, { value: hundredths(rate) });

    control.row.value = data.row ?? "";
    for (const name of ["k", "n", "added_nonresponders", "unassessed", "method", "confidence_level"]) control[name].value = data.start[name];
    control.background_rate.value = Math.round(100 * data.start.background_rate);

    const chosen = () => (control.row.value === "" ? null : data.rows[control.row.value]);

    // A whole number that was typed, or what is wrong with it.
    function typed(name) {
      const text = control[name].value.normalize("NFKC").trim();
      if (!/^\d+$/.test(text)) return [null, fill(words["explore.unknown"], { typed: text, most: data.most })];
      if (Number(text) > data.most) return [null, fill(words["explore.beyond"], { typed: text, most: data.most })];
      return [Number(text), null];
    }

    function problems(k, n) {
      if (n === 0) return [words["explore.nobody_evaluable"]];
      return k > n ? [fill(words["explore.impossible"], { k, n })] : [];
    }

    function cases(k, n) {
      const more = Number(control.added_nonresponders.value);
      const unassessed = Number(control.unassessed.value);
      const name = (code, number) => fill(words[`case.${code}`], { number, added: more });
      const found = [{ name: name(chosen() ? "reported" : "typed", 0), k, n }];
      if (more) found.push({ name: name("added", more), k, n: n + more });
      if (unassessed) {
        const top = more ? "added_" : "";
        const all = n + more + unassessed;
        found.push({ name: name(`${top}all_failed`, unassessed), k, n: all });
        found.push({ name: name(`${top}all_responded`, unassessed), k: k + unassessed, n: all });
      }
      return found;
    }

    function estimated(each, assumed) {
      const low = (k) => window.limits[control.method.value][control.confidence_level.value][each.n - 1][k];
      const estimate = { ...each, rate: each.k / each.n, low: low(each.k), high: 1 - low(each.n - each.k) };
      const moved = ["rate", "low", "high"].map((name) => points(estimate[name] - assumed));
      return { ...estimate, increment: moved[0], increment_low: moved[1], increment_high: moved[2] };
    }

    function sentences(rows, assumed) {
      const interval = data.intervals[control.method.value][control.confidence_level.value];
      const gaps = (row) => ({ case: row.name, k: row.k, n: row.n, rate: percent(row.rate), interval, low: hundredths(row.low), high: percent(row.high) });
      const [first, ...others] = rows;
      const adds = rows.map((row) => fill(words["sentence.adds_case"], { case: row.name, increment: row.increment, low: row.increment_low, high: row.increment_high }));
      return [
        fill(chosen()?.said ?? words["sentence.typed"], gaps(first)),
        ...others.map((row) => fill(words["sentence.suppose"], gaps(row))),
        fill(words["sentence.adds"], { rate: percent(assumed), cases: adds.join(words.pair_separator) }),
        ...(control.method.value === "wald" ? [words["caution.wald"]] : []),
      ];
    }

    function tabulate(rows) {
      body.replaceChildren(...rows.map((row) => {
        const line = document.createElement("tr");
        const added = fill(words.in_brackets, { text: row.increment, inside: fill(words.points_range, { low: row.increment_low, high: row.increment_high }) });
        const range = fill(words.percent_range, { low: hundredths(row.low), high: hundredths(row.high) });
        [row.name, row.k, row.n, percent(row.rate), range, added].forEach((text, at) => {
          const cell = document.createElement(at ? "td" : "th");
          if (at) cell.className = "number";
          else cell.scope = "row";
          cell.textContent = text;
          line.append(cell);
        });
        return line;
      }));
    }

    function picture(rows, assumed) {
      const look = (at) => (at ? "supposed" : chosen()?.second_hand ? "hollow" : "");
      const line = (row, at, moved, right) => ({
        low: 100 * (row.low - moved), high: 100 * (row.high - moved), value: 100 * (row.rate - moved),
        left: row.name, right, look: look(at),
      });
      draw(response, rows.map((row, at) => line(row, at, 0, `${row.k}/${row.n} · ${percent(row.rate)}`)), { rule: 100 * assumed });
      const lowest = Math.min(0, ...rows.map((row) => 100 * (row.low - assumed)));
      const highest = Math.max(0, ...rows.map((row) => 100 * (row.high - assumed)));
      const step = highest - lowest > 90 ? 50 : 20;
      const from = Math.floor(lowest / step) * step;
      const to = Math.max(Math.ceil(highest / step) * step, from + step);
      draw(added, rows.map((row, at) => line(row, at, assumed, row.increment)), { from, to, step, rule: 0 });
    }

    function show() {
      const assumed = control.background_rate.value / 100;
      for (const name of ["added_nonresponders", "unassessed"]) control[name].parentElement.querySelector("output").textContent = control[name].value;
      control.background_rate.parentElement.querySelector("output").textContent = control.background_rate.value;
      const [[k, wrongK], [n, wrongN]] = [typed("k"), typed("n")];
      const wrong = [...new Set([wrongK, wrongN].filter(Boolean))];
      const told = wrong.length ? wrong : problems(k, n);
      const rows = told.length ? [] : cases(k, n).map((each) => estimated(each, assumed));
      const lines = told.length ? told : sentences(rows, assumed);
      paragraphs(said, lines);
      tabulate(rows);
      picture(rows, assumed);
      for (const svg of [response, added]) svg.setAttribute("aria-label", lines.join(" "));
    }

    control.row.addEventListener("change", () => {
      const row = chosen();
      if (row) [control.k.value, control.n.value] = [row.k, row.n];
      show();
    });
    for (const name of ["k", "n"]) control[name].addEventListener("input", () => { control.row.value = ""; });
    return show;
  }

  for (const section of document.querySelectorAll("section.explore")) {
    const data = JSON.parse(section.querySelector("script").textContent);
    section.hidden = false;
    const show = (data.about === "scenario" ? scenario : rates)(section, data);
    section.addEventListener("input", show);
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (entry.contentRect.width !== width) { width = entry.contentRect.width; show(); }
    }).observe(section);
  }
})();
