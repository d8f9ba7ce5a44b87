"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const sites = data.sites;
  const byId = new Map(sites.map((site) => [site.id, site]));
  const words = { accept: "accepted", reject: "rejected", undecided: "" };
  const history = [];
  let order = [];
  let current = null;

  // --- making elements: text only, never markup ------------------------------------------------------------

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (key === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
      else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  const coloured = (pieces) => {
    const parts = [];
    for (let i = 0; i < pieces.length; i += 2) {
      parts.push(pieces[i] ? make("span", { class: pieces[i] }, pieces[i + 1]) : pieces[i + 1]);
    }
    return parts;
  };

  // --- keeping the answers ---------------------------------------------------------------------------------

  const storeKey = "pickle-migrate review " + data.name;
  const answers = () => Object.fromEntries(
    sites.filter((s) => s.verdict !== "undecided" || s.comment).map((s) => [s.id, [s.hash, s.verdict, s.comment]]));
  const keep = () => {
    try { localStorage.setItem(storeKey, JSON.stringify(answers())); } catch (error) { /* a browser may forbid it */ }
  };
  const recall = () => {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(storeKey) || "{}"); } catch (error) { return; }
    for (const [id, [hash, verdict, comment]] of Object.entries(kept)) {
      const site = byId.get(id);
      if (site && site.hash === hash) { site.verdict = verdict; site.comment = comment; }
    }
  };

  // --- the list --------------------------------------------------------------------------------------------

  const tagText = (site) => words[site.verdict] || site.safety;
  const tagClass = (site) => "tag " + (words[site.verdict] ? site.verdict : site.safety);

  const prepare = (site) => {
    site.haystack = [site.shown + ":" + site.line, site.scope, site.text, site.reason, site.question, site.why,
      ...site.classes, ...site.types.map((t) => t[0])].join("\n").toLowerCase();
  };

  const buildItem = (site) => {
    site.tag = make("span", { class: tagClass(site) }, tagText(site));
    site.button = make("button", { type: "button", class: "site", on: { click: () => select(site, true) } },
      make("span", { class: "where" }, site.shown + ":" + site.line), site.tag,
      make("code", { class: "use" }, site.text));
    site.item = make("li", {}, site.button);
    return site.item;
  };

  const kinds = new Map();
  const buildKind = (id) => {
    const group = data.groups[id];
    const accept = make("button", { type: "button", on: { click: () => acceptGroup(id) } },
      "Accept all of this kind");
    const kind = { item: make("li", { class: "kind" }, make("p", {}, make("code", {}, group.pattern)), accept), accept };
    kinds.set(id, kind);
    return kind;
  };

  // Only so many items are in the page at a time: laying out thousands would make every key wait.
  const PAGE = 200;
  let limit = PAGE;
  let visible = [];
  const more = make("button", { type: "button", on: { click: () => { limit += PAGE; render(); } } });
  const moreItem = make("li", { class: "kind" }, more);

  const render = () => {
    const grouped = $("order").value === "group";
    const parts = [];
    let group = null;
    for (const site of visible.slice(0, limit)) {
      if (grouped && site.group !== group) {
        group = site.group;
        parts.push((kinds.get(group) || buildKind(group)).item);
      }
      parts.push(site.item || buildItem(site));
    }
    if (visible.length > limit) {
      more.textContent = "Show more (" + (visible.length - limit) + " left)";
      parts.push(moreItem);
    }
    $("list").replaceChildren(...parts);
  };

  const arrange = () => {
    if ($("order").value === "group") {
      const members = new Map(Object.keys(data.groups).map((id) => [id, []]));
      for (const site of sites) members.get(site.group).push(site);
      order = [...members.values()].flat();
    } else {
      order = sites;
    }
    filter();
  };

  const filter = () => {
    const wanted = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const safety = $("safety").value;
    const verdict = $("verdict").value;
    const reason = $("reason").value;
    visible = order.filter((site) => (!safety || site.safety === safety) &&
      (!verdict || site.verdict === verdict) && (!reason || site.reason === reason) &&
      wanted.every((word) => site.haystack.includes(word)));
    limit = PAGE;
    render();
    $("count").textContent = visible.length === sites.length
      ? sites.length + " sites" : visible.length + " of " + sites.length + " sites";
  };

  const isOpen = (site) => site.stale || (site.verdict === "undecided" && site.safety === "review");

  const progress = () => {
    const asked = sites.filter((s) => s.safety === "review" || s.stale);
    const open = asked.filter(isOpen).length;
    const accepted = sites.filter((s) => s.verdict === "accept").length;
    const rejected = sites.filter((s) => s.verdict === "reject").length;
    $("progress").textContent = (open ? open + " of " + asked.length + " questions open" : "No question open") +
      "; " + accepted + " accepted, " + rejected + " rejected";
  };

  // --- deciding --------------------------------------------------------------------------------------------

  const say = (text) => { $("announce").textContent = text; };

  const settle = (changes) => {
    for (const [site, verdict, comment] of changes) {
      site.verdict = verdict;
      site.comment = comment;
      site.stale = false;
      if (site.tag) {
        site.tag.textContent = tagText(site);
        site.tag.className = tagClass(site);
      }
    }
    progress();
    keep();
    if (current && changes.some((change) => change[0] === current)) showVerdict(current);
  };

  const decide = (site, verdict) => {
    if (site.safety === "manual") { say("This site is not rewritten; there is nothing to accept or reject."); return; }
    history.push([[site, site.verdict, site.comment]]);
    settle([[site, site.verdict === verdict ? "undecided" : verdict, site.comment]]);
    say((words[site.verdict] || "undecided") + ": " + site.shown + ":" + site.line);
  };

  const acceptGroup = (id) => {
    const open = sites.filter((s) => s.group === id && s.verdict === "undecided" && s.safety !== "manual");
    if (!open.length) { say("Nothing of this kind is undecided."); return; }
    history.push(open.map((s) => [s, s.verdict, s.comment]));
    settle(open.map((s) => [s, "accept", s.comment]));
    say("accepted: " + open.length + " sites with the same edit");
  };

  const undo = () => {
    const last = history.pop();
    if (!last) { say("Nothing to undo."); return; }
    settle(last);
    say("undone: " + last.length + (last.length === 1 ? " decision" : " decisions"));
  };

  const exported = () => ({
    version: data.decisionsVersion,
    decisions: sites.filter((s) => s.verdict !== "undecided" || s.comment).map((s) => ({
      site: s.id, hash: s.hash, verdict: s.verdict, comment: s.comment, path: s.path, line: s.line, text: s.text,
    })),
  });

  const exportFile = () => {
    const text = JSON.stringify(exported(), null, 2) + "\n";
    const link = make("a", { download: "decisions.json",
      href: URL.createObjectURL(new Blob([text], { type: "application/json" })) });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say("exported " + exported().decisions.length + " decisions");
  };

  // --- one site --------------------------------------------------------------------------------------------

  const side = (pieces, mark) => mark ? make(mark, {}, ...coloured(pieces)) : make("span", {}, ...coloured(pieces));

  const diffTable = (rows, caption) => {
    const body = make("tbody");
    for (const [oldNumber, newNumber, before, after] of rows) {
      const same = after === 0 && oldNumber && newNumber;
      const left = oldNumber ? [make("th", { class: "no old", scope: "row" }, String(oldNumber)),
        make("td", { class: "code before" }, side(before, same ? null : "del"))]
        : [make("td", { class: "no gap" }), make("td", { class: "gap" })];
      const right = newNumber ? [make("th", { class: "no new", scope: "row" }, String(newNumber)),
        make("td", { class: "code after" }, side(after === 0 ? before : after, same ? null : "ins"))]
        : [make("td", { class: "no gap" }), make("td", { class: "gap" })];
      body.append(make("tr", { class: same ? "same" : "changed" }, ...left, ...right));
    }
    const head = make("thead", {}, make("tr", {}, make("th", { class: "no", scope: "col" }, "line"),
      make("th", { scope: "col" }, "before"), make("th", { class: "no", scope: "col" }, "line"),
      make("th", { scope: "col" }, "after")));
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      make("table", { class: "diff" }, make("caption", { class: "unseen" }, caption), head, body));
  };

  const table = (caption, columns, rows) => make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    make("table", { class: "plain" }, make("caption", { class: "unseen" }, caption),
      make("thead", {}, make("tr", {}, ...columns.map((c) => make("th", { scope: "col" }, c)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell, i) => make("td", { "data-label": columns[i] }, make("span", {}, cell))))))));

  const reasonLink = (code) => make("a", { href: "#reason-" + code }, code);

  const facts = (site) => {
    const list = make("dl", { class: "facts" });
    const add = (name, ...value) => list.append(make("dt", {}, name), make("dd", {}, ...value));
    add("safety", site.safety);
    if (site.reason) {
      const reason = data.reasons[site.reason];
      add("reason", reasonLink(site.reason), ": " + reason.summary + " " + reason.advice);
    }
    if (site.scope) add("in", make("code", {}, site.scope));
    if (site.why) add("because", site.why);
    add("same edit", data.groups[site.group].size + (data.groups[site.group].size === 1 ? " site: " : " sites: "),
      make("code", {}, data.groups[site.group].pattern));
    add("site id", make("code", {}, site.id));
    return list;
  };

  const classParts = (key) => {
    const found = data.classes[key];
    if (!found) return [];
    // The column of the stored shapes is there only if anything was stored.
    const columns = ["field", "type", "confidence", "stored values"].slice(0, found.stored ? 4 : 3);
    const fields = found.fields.length
      ? table("Fields of " + key, columns, found.fields.map((row) => row.slice(0, columns.length)))
      : make("p", {}, "No fields are known.");
    const converter = found.converter.length
      ? make("div", {}, make("h4", {}, "Converter in " + found.module), make("div", { class: "scroll", tabindex: "0",
        role: "region", "aria-label": "Converter of " + key },
      make("pre", {}, ...found.converter.flatMap((line, i) => i ? ["\n", ...coloured(line)] : coloured(line)))))
      : make("p", {}, "No converter is generated for it in this proposal.");
    return [make("h3", {}, make("code", {}, key)), make("p", {}, found.kind + ", " + found.where + (found.stored ? "; " + found.stored : "")),
      make("div", { class: "beside" }, make("div", {}, make("h4", {}, "Fields"), fields), converter)];
  };

  const showVerdict = (site) => {
    const press = (id, verdict) => $(id) && $(id).setAttribute("aria-pressed", String(site.verdict === verdict));
    press("accept", "accept");
    press("reject", "reject");
    if ($("comment") && $("comment").value !== site.comment) $("comment").value = site.comment;
  };

  const decideForm = (site) => {
    if (site.safety === "manual") return make("p", {}, "Nothing is rewritten here, so there is nothing to accept.");
    const group = data.groups[site.group];
    const comment = make("textarea", { id: "comment", rows: "2", on: { change: (event) => {
      history.push([[site, site.verdict, site.comment]]);
      settle([[site, site.verdict, event.target.value]]);
    } } });
    return make("div", { class: "decide" },
      make("button", { type: "button", id: "accept", "aria-pressed": "false", on: { click: () => decide(site, "accept") } }, "Accept"),
      make("button", { type: "button", id: "reject", "aria-pressed": "false", on: { click: () => decide(site, "reject") } }, "Reject"),
      group.size > 1 ? make("button", { type: "button", id: "group", on: { click: () => acceptGroup(site.group) } },
        "Accept all " + group.size + " of this kind") : null,
      make("label", { for: "comment" }, "Comment"), comment);
  };

  const select = (site, focusDetail) => {
    if (current) current.button.removeAttribute("aria-current");
    current = site;
    const index = visible.indexOf(site);
    if (index >= limit) { limit = index + PAGE; render(); }
    site.button.setAttribute("aria-current", "true");
    const file = data.files[site.path];
    const parts = [
      make("button", { type: "button", class: "back", on: { click: () => { $("list").scrollIntoView(); site.button.focus(); } } }, "Back to the list"),
      make("h2", { id: "detail-title" }, site.shown + ":" + site.line),
      site.stale ? make("p", { class: "note" }, "This site has changed since it was decided: look again.") : null,
      site.question ? make("p", { class: "question" }, site.question) : null,
      make("h3", {}, site.edited ? "Change" : "Source"), diffTable(site.rows, site.edited ? "Change" : "Source"),
      decideForm(site), facts(site),
    ];
    if (file && file.others.length) parts.push(make("details", {}, make("summary", {}, "Other changes in this file"),
      diffTable(file.others, "Other changes in this file")));
    if (site.types.length) parts.push(make("h3", {}, "What flows here"),
      table("What flows here", ["type", "confidence", "source", "where"], site.types));
    for (const key of site.classes) parts.push(...classParts(key));
    $("detail").replaceChildren(...parts.filter(Boolean));
    $("detail").scrollTop = 0;
    showVerdict(site);
    if (focusDetail) { $("detail").focus(); if (matchMedia("(max-width: 52rem)").matches) $("detail").scrollIntoView(); }
    else { site.button.focus({ preventScroll: true }); site.item.scrollIntoView({ block: "nearest" }); }
  };

  const step = (by, fits = () => true) => {
    let index = current ? visible.indexOf(current) : -1;
    if (index < 0) index = by > 0 ? -1 : visible.length;
    for (index += by; index >= 0 && index < visible.length; index += by) {
      if (fits(visible[index])) { select(visible[index], false); return; }
    }
    say("No more sites.");
  };

  // --- keys ------------------------------------------------------------------------------------------------

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    n: () => step(1, (s) => isOpen(s)),
    a: () => current && decide(current, "accept"),
    r: () => current && decide(current, "reject"),
    g: () => current && acceptGroup(current.group),
    c: () => $("comment") && $("comment").focus(),
    u: undo,
    e: exportFile,
    "/": () => $("search").focus(),
    "?": () => $("help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") { event.target.blur(); if (current) current.button.focus(); }
      return;
    }
    const action = keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });

  recall();
  sites.forEach(prepare);
  arrange();
  progress();
  for (const id of ["search", "safety", "verdict", "reason"]) $(id).addEventListener("input", filter);
  $("order").addEventListener("input", arrange);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("export").addEventListener("click", exportFile);
  $("help-open").addEventListener("click", () => $("help").showModal());
  $("help-close").addEventListener("click", () => $("help").close());
})();
