// Filters, the drawer, keys and copy buttons. The page reads without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const details = document.getElementById("details");
  const cells = new Map(all("a.cell").map((cell) => [cell.getAttribute("href").slice(1), cell]));
  let open = "";
  let came = null;

  root.classList.add("js");
  const reveal = (within) => { for (const node of all(".close, .copy, .keys, #theme", within)) node.hidden = false; };
  form.hidden = false;
  reveal(document);

  // Where each cell's section begins and ends in the text of the stash; made into nodes when first shown.
  const stash = document.getElementById("stash").textContent;
  const places = new Map();
  let last = null;
  for (const found of stash.matchAll(/<section class="detail( failing)?" id="([^"]+)"/g)) {
    if (last) last.end = found.index;
    last = { start: found.index, end: stash.length, failing: Boolean(found[1]) };
    places.set(found[2], last);
  }
  const section = (name) => {
    const made = document.getElementById(name);
    if (made) return made;
    const template = document.createElement("template");
    template.innerHTML = stash.slice(places.get(name).start, places.get(name).end);
    reveal(template.content);
    details.append(template.content);
    return document.getElementById(name);
  };
  const failing = () => [...cells.keys()].filter((name) => places.get(name).failing);
  addEventListener("beforeprint", () => failing().forEach(section));

  // The address is #cell?show=failures&level=storage, so that any view can be linked to.
  const read = () => {
    const [name, query = ""] = location.hash.slice(1).split("?");
    return { name: decodeURIComponent(name), query: new URLSearchParams(query) };
  };
  const write = (name, push) => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    const hash = "#" + encodeURIComponent(name).replace(/%7E/g, "~") + (String(query) ? "?" + query : "");
    if (hash !== (location.hash || "#")) history[push ? "pushState" : "replaceState"](null, "", hash);
  };

  const filter = () => {
    const want = Object.fromEntries(new FormData(form));
    const q = (want.q || "").trim().toLowerCase();
    const wanted = {
      failures: (mark) => mark.classList.contains("fail"),
      disagreements: (mark) => "d" in mark.dataset,
      unjudged: (mark) => mark.matches(".inconclusive, .not_judged"),
    }[want.show] || (() => true);
    const narrowed = Boolean(want.show || want.rule);
    let rows = 0, total = 0, marks = 0;
    for (const group of all(".matrix tbody")) {
      let any = false;
      for (const row of all("tr:not(.group)", group)) {
        total++;
        let found = 0;
        for (const mark of all(".m", row)) {
          const hit = wanted(mark) && (!want.rule || (mark.dataset.r || "").split(" ").includes(want.rule));
          mark.classList.toggle("off", !hit);
          if (hit) found++;
        }
        for (const kind of all(".kind", row)) {
          kind.classList.toggle("off", narrowed && !kind.parentElement.querySelector(".m:not(.off)"));
        }
        const visible = (!want.level || row.dataset.level === want.level)
          && (!want.runtime || row.dataset.runtime === want.runtime)
          && (!q || group.dataset.q.includes(q)) && (!narrowed || found > 0);
        row.hidden = !visible;
        if (visible) { any = true; rows++; marks += found; }
      }
      group.hidden = !any;
    }
    document.getElementById("nothing").hidden = rows > 0 || total === 0;
    document.getElementById("clear").hidden = !Object.values(want).some(Boolean);
    shown.textContent = rows === total && !narrowed ? "" : `${rows} of ${total} rows` + (narrowed ? `, ${marks} marks` : "");
  };

  const show = (name, focus) => {
    if (open) {
      document.getElementById(open).classList.remove("open");
      cells.get(open).classList.remove("here");
    }
    const check = /^(.*)-(convergence|continuation|logs)$/.exec(name);
    const cell = cells.has(name) ? name : check && cells.has(check[1]) ? check[1] : "";
    open = cell;
    root.classList.toggle("open", Boolean(cell));
    if (!cell) return;
    const shownSection = section(cell);
    shownSection.classList.add("open");
    cells.get(cell).classList.add("here");
    details.scrollTop = 0;
    if (name !== cell) document.getElementById(name).scrollIntoView();
    if (focus) shownSection.focus({ preventScroll: true });
  };
  const go = (name) => { write(name, true); show(name, true); };
  const close = () => {
    const back = came || cells.get(open);
    write("", true);
    show("");
    if (back) back.focus();
    came = null;
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a[href^='#'], .close, .copy");
    if (!target) return;
    if (target.matches(".close")) return close();
    if (target.matches(".copy")) return copy(target);
    if (target.classList.contains("skip") || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (target.matches(".cell")) came = target;
    go(target.getAttribute("href").slice(1));
  });

  const copy = async (button) => {
    const code = button.parentElement.querySelector("code");
    let done = true;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // No clipboard for a page from a file, in some browsers: select it and ask the old way.
      getSelection().selectAllChildren(code);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Select it";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select, textarea")) return;
    if (event.key === "Escape" && open) return close();
    if (event.key === "n" || event.key === "p") {
      const names = failing().filter((name) => cells.get(name).closest("tr").offsetParent);
      const at = names.indexOf(open);
      const next = event.key === "n" ? names[at + 1] : names[at < 0 ? names.length - 1 : at - 1];
      if (next) go(next);
      return;
    }
    const cell = event.target.closest(".cell");
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!cell || !step) return;
    const rows = all(".matrix tr:not(.group)").filter((row) => row.offsetParent && row.querySelector(".cell"));
    const row = rows[rows.indexOf(cell.closest("tr")) + step[0]];
    const next = row && all(".cell", row)[all(".cell", cell.closest("tr")).indexOf(cell) + step[1]];
    if (next) { event.preventDefault(); next.focus(); }
  });

  const theme = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  label();

  form.addEventListener("input", () => { filter(); write(open, false); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { filter(); write(open, false); }));

  const follow = () => {
    const { name, query } = read();
    for (const field of form.elements) {
      if (!field.name) continue;
      if (field.type === "radio") field.checked = field.value === (query.get("show") || "");
      else field.value = query.get(field.name) || "";
    }
    filter();
    show(name, true);
  };
  addEventListener("hashchange", follow);
  addEventListener("popstate", follow);
  follow();
})();
