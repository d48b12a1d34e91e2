// The script and the style of a page of maps.

extension MapPage {
  /// One panel: dots, rings around what is sought or pointed at, and titles where there is room.
  ///
  /// The script gives `rows`, `ringed` and `named`, the size of the panel and the part of the map that it
  /// shows; the wheel and dragging change that part.
  static let specification = """
    {"padding": 0, "autosize": "none", "width": 100, "height": 100,
     "signals": [
       {"name": "xall", "value": [0, 1]}, {"name": "yall", "value": [0, 1]},
       {"name": "anchor", "value": [0, 0], "on": [
         {"events": "wheel", "update": "[invert('x', x()), invert('y', y())]"}]},
       {"name": "zoom", "value": 1, "on": [
         {"events": "wheel!", "force": true,
          "update": "clamp(pow(1.002, event.deltaY * pow(16, event.deltaMode)), 0.5, 2)"}]},
       {"name": "down", "value": null, "on": [{"events": "mousedown", "update": "xy()"}]},
       {"name": "xheld", "value": null, "on": [{"events": "mousedown", "update": "slice(xshown)"}]},
       {"name": "yheld", "value": null, "on": [{"events": "mousedown", "update": "slice(yshown)"}]},
       {"name": "moved", "value": null, "on": [
         {"events": "[mousedown, window:mouseup] > window:mousemove!",
          "update": "down ? [down[0] - x(), y() - down[1]] : null"}]},
       {"name": "xshown", "value": [0, 1], "on": [
         {"events": {"signal": "moved"},
          "update": "moved ? [xheld[0] + span(xheld) * moved[0] / width, xheld[1] + span(xheld) * moved[0] / width] : xshown"},
         {"events": {"signal": "zoom"},
          "update": "[anchor[0] + (xshown[0] - anchor[0]) * zoom, anchor[0] + (xshown[1] - anchor[0]) * zoom]"},
         {"events": "dblclick", "update": "slice(xall)"}]},
       {"name": "yshown", "value": [0, 1], "on": [
         {"events": {"signal": "moved"},
          "update": "moved ? [yheld[0] + span(yheld) * moved[1] / height, yheld[1] + span(yheld) * moved[1] / height] : yshown"},
         {"events": {"signal": "zoom"},
          "update": "[anchor[1] + (yshown[0] - anchor[1]) * zoom, anchor[1] + (yshown[1] - anchor[1]) * zoom]"},
         {"events": "dblclick", "update": "slice(yall)"}]},
       {"name": "nearness",
        "update": "clamp(pow(span(xall) / span(xshown), 0.8), 1, 12) * clamp(width / 600, 0.4, 1.2)"}],
     "data": [{"name": "rows"}, {"name": "ringed"}, {"name": "named"}],
     "scales": [
       {"name": "x", "type": "linear", "range": "width", "zero": false, "domain": {"signal": "xshown"}},
       {"name": "y", "type": "linear", "range": "height", "zero": false, "domain": {"signal": "yshown"}}],
     "marks": [{"type": "group", "clip": true, "encode": {"enter": {"fill": {"value": "#fff"}},
         "update": {"width": {"signal": "width"}, "height": {"signal": "height"}}},
       "marks": [
       {"type": "symbol", "from": {"data": "rows"}, "encode": {"update": {
         "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
         "size": {"signal": "datum.size * nearness"}, "fill": {"field": "fill"},
         "fillOpacity": {"field": "opacity"}, "tooltip": {"field": "row"}}}},
       {"type": "symbol", "interactive": false, "from": {"data": "ringed"}, "encode": {"update": {
         "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"},
         "size": {"signal": "datum.size * nearness + 120"}, "stroke": {"value": "#000"},
         "strokeWidth": {"value": 2}, "fill": {"value": null}}}},
       {"type": "text", "interactive": false, "from": {"data": "named"}, "encode": {"update": {
         "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "dy": {"value": -8},
         "text": {"field": "text"}, "align": {"value": "center"}, "baseline": {"value": "bottom"},
         "fontSize": {"value": 11}, "fontWeight": {"field": "weight"}, "stroke": {"value": "#fff"},
         "strokeWidth": {"value": 3}, "fill": {"value": null}, "strokeJoin": {"value": "round"}}}},
       {"type": "text", "interactive": false, "from": {"data": "named"}, "encode": {"update": {
         "x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}, "dy": {"value": -8},
         "text": {"field": "text"}, "align": {"value": "center"}, "baseline": {"value": "bottom"},
         "fontSize": {"value": 11}, "fontWeight": {"field": "weight"}, "fill": {"value": "#222"}}}}]}]}
    """

  /// Draws the panels; the page is done when its body has the class `drawn`.
  static let drawing = """
    (() => {
    const read = id => JSON.parse(document.getElementById(id).textContent);
    const data = read("map-data"), specification = read("map-specification");
    const count = data.id.length;
    const palette = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#edc948",
                     "#9c755f", "#ff9da7"], other = "#bab0ac";
    // Viridis, by eye alike far steps.
    const ramp = [[68,1,84],[72,40,120],[62,74,137],[49,104,142],[38,130,142],[31,158,137],[53,183,121],
                  [109,205,89],[180,222,44],[253,231,37]];
    const shade = share => {
      const place = Math.min(1, Math.max(0, share)) * (ramp.length - 1), low = Math.floor(place);
      const high = Math.min(ramp.length - 1, low + 1), part = place - low;
      return "rgb(" + ramp[low].map((v, n) => Math.round(v + part * (ramp[high][n] - v))).join(",") + ")";
    };
    const plain = text => text.normalize("NFD").replace(/\\p{M}/gu, "").toLowerCase();
    const folded = data.title.map(plain);

    // What dots can be coloured by: a number on a ramp, or the commonest words.
    function byNumber(name, values, show) {
      const known = values.filter(v => v !== null).sort((a, b) => a - b);
      if (known.length < 2 || known[0] === known[known.length - 1]) return null;
      const at = share => known[Math.round(share * (known.length - 1))];
      const low = at(0.02), high = at(0.98) > at(0.02) ? at(0.98) : known[known.length - 1];
      return {name, colours: values.map(v => v === null ? "#ccc" : shade((v - low) / (high - low))),
              low: show(low), high: show(high)};
    }
    function byWord(name, values) {
      const counts = new Map();
      for (const v of values) if (v !== null) counts.set(v, (counts.get(v) || 0) + 1);
      const words = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
      if (words.length < 2) return null;
      const shown = words.slice(0, palette.length);
      const colour = new Map(shown.map((word, n) => [word, palette[n]]));
      return {name, values, colours: values.map(v => colour.get(v) || other),
              words: shown.map(word => ({word, colour: colour.get(word), count: counts.get(word)})),
              rest: values.filter(v => !colour.has(v)).length, isShown: v => colour.has(v)};
    }
    const digits = v => String(Math.round(v * 100) / 100), whole = v => v.toLocaleString("en");
    const log = data.ratings.map(v => Math.log(1 + v));
    const ways = [
      byNumber("average rating", data.rating, digits),
      byWord("main genre", data.genres.map(g => g.length ? g[0] : null)), byWord("type", data.type),
      byNumber("number of ratings", log, v => whole(Math.round(Math.exp(v) - 1)))
    ].filter(way => way);
    if (!ways.length) ways.push({name: "none", colours: data.id.map(() => palette[0])});
    let way = ways[0], picked = null;

    const most = Math.max(...log, 1e-9);
    const base = count > 3000 ? 3 : count > 300 ? 12 : 60, large = count > 3000 ? 70 : 180;
    const sizes = log.map(v => base + large * Math.pow(v / most, 3));
    const opacity = count > 3000 ? 0.6 : 0.75;

    const tip = document.createElement("div");
    tip.id = "tip"; tip.hidden = true;
    document.body.append(tip);
    function line(text, tag) {
      const part = document.createElement(tag || "div");
      part.dir = "auto"; part.textContent = text;
      return part;
    }
    function tell(row, event) {
      tip.replaceChildren(line(data.title[row], "b"));
      const facts = [];
      if (data.type[row]) facts.push(data.type[row]);
      if (data.episodes[row] !== null)
        facts.push(whole(data.episodes[row]) + (data.episodes[row] === 1 ? " episode" : " episodes"));
      if (facts.length) tip.append(line(facts.join(" · ")));
      if (data.genres[row].length) tip.append(line(data.genres[row].join(", ")));
      tip.append(line((data.rating[row] === null ? "" : "rated " + digits(data.rating[row]) + " · ")
        + whole(data.ratings[row]) + (data.ratings[row] === 1 ? " rating" : " ratings")));
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + "px";
      tip.style.top = Math.max(4, event.clientY + 18 + box.height > innerHeight
        ? event.clientY - box.height - 10 : event.clientY + 18) + "px";
    }

    const short = text => text.length > 26 ? text.slice(0, 25) + "…" : text;
    let sought = [], pointed = null;

    class Panel {
      constructor(figure) {
        this.map = data.maps[Number(figure.dataset.map)];
        this.box = figure.querySelector(".drawing");
        this.outside = figure.querySelector(".outside");
        this.rows = data.id.map((_, row) => ({row, x: this.map.x[row], y: this.map.y[row], size: sizes[row]}));
        this.view = new vega.View(vega.parse(specification), {
          renderer: "canvas", container: this.box, hover: false,
          tooltip: (_, event, item, value) => {
            const row = value === undefined || value === null || value === "" ? null : Number(value);
            if (row === null) tip.hidden = true; else tell(row, event);
            point(row);
          }});
        this.view.addSignalListener("xshown", () => this.renameSoon());
        this.view.addSignalListener("yshown", () => this.renameSoon());
        this.box.addEventListener("mouseleave", () => { tip.hidden = true; point(null); });
        for (const button of figure.querySelectorAll("[data-zoom]"))
          button.addEventListener("click", () => this.zoom(Number(button.dataset.zoom)));
        this.paint(); this.fit();
      }
      paint() {
        for (const row of this.rows) {
          const dim = picked !== null && way.values
            && (picked === "" ? way.isShown(way.values[row.row]) : way.values[row.row] !== picked);
          row.fill = dim ? "#ddd" : way.colours[row.row];
          row.opacity = dim ? 0.25 : opacity;
        }
        this.view.data("rows", this.rows);
      }
      // All but what stands far from the rest, which would leave the rest no room; one unit as long in
      // either direction.
      fit() {
        const width = Math.max(200, this.box.clientWidth), height = Math.round(width * 0.85);
        if (width === this.width) return;
        this.width = width; this.height = height;
        const [left, right] = this.reach(row => row.x), [bottom, top] = this.reach(row => row.y);
        const unit = Math.max((right - left) / (width - 24), (top - bottom) / (height - 24), 1e-9);
        const x = (left + right) / 2, y = (bottom + top) / 2;
        this.xall = [x - unit * width / 2, x + unit * width / 2];
        this.yall = [y - unit * height / 2, y + unit * height / 2];
        const outside = this.rows.filter(row => row.x < this.xall[0] || row.x > this.xall[1]
          || row.y < this.yall[0] || row.y > this.yall[1]).length;
        this.outside.textContent = outside
          ? whole(outside) + " far outside: − shows " + (outside === 1 ? "it" : "them") : "";
        this.view.width(width).height(height).signal("xall", this.xall).signal("yall", this.yall);
        this.show(this.xall, this.yall);
      }
      // From the least to the greatest, and no farther from where 98 of 100 lie than half of their span.
      reach(of) {
        const values = this.rows.map(of).sort((a, b) => a - b), last = count - 1;
        const low = values[Math.round(0.01 * last)], high = values[Math.round(0.99 * last)];
        const room = high > low ? (high - low) / 2 : Infinity;
        return [Math.max(values[0], low - room), Math.min(values[last], high + room)];
      }
      show(x, y) {
        this.view.signal("xshown", x).signal("yshown", y);
        this.name();
        return this.view.runAsync();
      }
      zoom(factor) {
        if (factor === 0) return this.show(this.xall, this.yall);
        const x = this.view.signal("xshown"), y = this.view.signal("yshown");
        const about = ([low, high]) => [(low + high) / 2 - (high - low) / 2 * factor,
                                        (low + high) / 2 + (high - low) / 2 * factor];
        return this.show(about(x), about(y));
      }
      goTo(row) {
        const part = 0.1, {x, y} = this.rows[row];
        const w = (this.xall[1] - this.xall[0]) * part, h = (this.yall[1] - this.yall[0]) * part;
        return this.show([x - w, x + w], [y - h, y + h]);
      }
      renameSoon() {
        if (this.waiting) return;
        this.waiting = true;
        requestAnimationFrame(() => { this.waiting = false; this.name(); this.view.runAsync(); });
      }
      // Titles of the most rated that are in sight, as many as fit beside one another; what is sought first.
      name() {
        const [left, right] = this.view.signal("xshown"), [bottom, top] = this.view.signal("yshown");
        const placed = [], wanted = Math.max(8, Math.round(this.width / 34)), marked = new Set(sought);
        if (pointed !== null) marked.add(pointed);
        const place = row => {
          if (row.x < left || row.x > right || row.y < bottom || row.y > top) return;
          const text = short(data.title[row.row]), half = text.length * 3.1 + 3;
          const x = (row.x - left) / (right - left) * this.width;
          const y = (top - row.y) / (top - bottom) * this.height - 14;
          if (x - half < 0 || x + half > this.width || y < 8) return;
          if (placed.some(p => Math.abs(p.px - x) < p.half + half && Math.abs(p.py - y) < 14)) return;
          placed.push({x: row.x, y: row.y, text, half, px: x, py: y,
                       weight: marked.has(row.row) ? "bold" : "normal"});
        };
        for (const row of marked) if (placed.length < wanted) place(this.rows[row]);
        for (let row = 0; row < Math.min(count, 4000) && placed.length < wanted; row++)
          if (!marked.has(row)) place(this.rows[row]);
        this.view.data("named", placed.map(({x, y, text, weight}) => ({x, y, text, weight})));
        this.view.data("ringed", [...marked].map(row => this.rows[row])
          .map(({x, y, size}) => ({x, y, size})));
      }
    }

    const panels = [...document.querySelectorAll(".map")].map(figure => new Panel(figure));
    const each = action => Promise.all(panels.map(panel => { action(panel); return panel.view.runAsync(); }));
    function point(row) {
      if (row === pointed) return;
      pointed = row;
      each(panel => panel.name());
    }

    const legend = document.getElementById("legend"), choice = document.getElementById("colour");
    function explain() {
      legend.replaceChildren();
      if (way.words) {
        const entry = (word, text, colour) => {
          const button = document.createElement("button"), dot = document.createElement("i");
          button.type = "button";
          button.setAttribute("aria-pressed", String(picked === word));
          dot.style.background = colour;
          button.append(dot, line(text, "span"));
          button.addEventListener("click", () => {
            picked = picked === word ? null : word;
            explain(); each(panel => panel.paint());
          });
          legend.append(button);
        };
        for (const {word, colour, count} of way.words) entry(word, word + " " + whole(count), colour);
        if (way.rest) entry("", "other " + whole(way.rest), other);
      } else if (way.low !== undefined) {
        const bar = document.createElement("i");
        bar.className = "ramp";
        bar.style.background = "linear-gradient(90deg," + ramp.map(c => "rgb(" + c + ")").join(",") + ")";
        legend.append(line(way.low, "span"), bar, line(way.high, "span"));
      }
    }
    for (const {name} of ways) choice.append(new Option(name, name));
    choice.addEventListener("change", () => {
      way = ways[choice.selectedIndex]; picked = null;
      explain(); each(panel => panel.paint());
    });
    explain();

    const find = document.getElementById("find"), found = document.getElementById("found");
    function choose(row) {
      sought = [row]; found.hidden = true; find.value = data.title[row];
      for (const panel of panels) panel.goTo(row);
    }
    function search() {
      const words = plain(find.value.trim());
      const hits = [];
      if (words) for (let row = 0; row < count; row++) {
        const at = folded[row].indexOf(words);
        const isIt = folded[row] === words || data.id[row] === find.value.trim();
        if (at >= 0 || isIt) hits.push([isIt ? -1 : at === 0 ? 0 : 1, row]);
      }
      hits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      sought = hits.slice(0, 60).map(hit => hit[1]);
      found.replaceChildren(...sought.slice(0, 8).map(row => {
        const button = document.createElement("button");
        button.type = "button"; button.setAttribute("role", "option");
        button.append(line(data.title[row], "span"));
        button.addEventListener("click", () => choose(row));
        return button;
      }));
      if (words && !hits.length) found.replaceChildren(line("nothing by that name"));
      found.hidden = !words;
      each(panel => panel.name());
    }
    find.addEventListener("input", search);
    find.addEventListener("keydown", event => {
      if (event.key === "Enter" && sought.length) choose(sought[0]);
      if (event.key === "Escape") { find.value = ""; search(); for (const panel of panels) panel.zoom(0); }
    });
    // In a frame of its own: panels that change size while they are looked at would be told again.
    new ResizeObserver(() => requestAnimationFrame(() => panels.forEach(panel => panel.fit())))
      .observe(document.querySelector(".maps"));
    each(() => {}).then(() => document.body.classList.add("drawn"));
    })();
    """

  static let style = """
    main { max-width: 1400px; }
    .controls { display: flex; flex-wrap: wrap; gap: 10px 22px; align-items: center; margin: 14px 0;
                position: sticky; top: 0; background: #fffffff2; padding: 8px 0; z-index: 2; }
    .search { position: relative; }
    .controls input, .controls select { font: inherit; padding: 4px 8px; border: 1px solid #bbb;
                border-radius: 4px; background: #fff; max-width: 60vw; }
    #found { position: absolute; left: 0; top: 100%; min-width: 260px; max-width: 90vw; background: #fff;
             border: 1px solid #ccc; border-radius: 4px; box-shadow: 0 4px 14px #0002; padding: 4px; }
    #found button { display: block; width: 100%; text-align: start; }
    #legend { display: flex; flex-wrap: wrap; gap: 2px 4px; align-items: center; font-size: 13px; }
    #legend i { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 5px; }
    #legend i.ramp { width: 120px; border-radius: 2px; margin: 0 6px; }
    button { font: inherit; font-size: 13px; border: 0; background: none; padding: 3px 7px;
             border-radius: 4px; cursor: pointer; color: #222; }
    button:hover, button[aria-pressed="true"] { background: #e8eef5; }
    .maps { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); }
    figure.map { min-width: 0; position: relative; display: flex; flex-direction: column; }
    figcaption { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: baseline; padding-right: 96px;
                 flex: 1 0 auto; }
    figcaption .zoom { position: absolute; right: 0; top: -3px; }
    .drawing { border: 1px solid #e0e0e0; border-radius: 4px; overflow: hidden; }
    .drawing canvas { display: block; cursor: grab; }
    #tip { position: fixed; z-index: 3; pointer-events: none; background: #fff; border: 1px solid #bbb;
           border-radius: 4px; box-shadow: 0 3px 10px #0003; padding: 6px 10px; font-size: 13px;
           max-width: min(320px, 90vw); overflow-wrap: anywhere; }
    .table td.text { white-space: normal; }
    """
}
