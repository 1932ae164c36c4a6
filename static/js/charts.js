/* Draws the charts of the reports from what stands in `data-chart`; the table under each says the same. */
(() => {
  const root = getComputedStyle(document.documentElement);
  const probe = document.createElement("span");
  probe.hidden = true;
  // Okabe and Ito's colours, which people with every kind of colour vision tell apart.
  const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];
  const DASHES = ["solid", "dashed", "dotted"];
  const SIGNS = ["circle", "rect", "triangle", "diamond"];
  const drawn = [];

  const ON_PAPER = { ink: "#333", line: "#ccc" };
  let isPrinting = false;

  // ECharts knows neither light-dark() nor oklch(): the browser reads a colour for it.
  const colour = (name) => {
    if (isPrinting) return ON_PAPER[name];
    document.body.append(probe);
    probe.className = `hy-probe-${name}`;
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
    probe.remove();
    return `rgb(${r}, ${g}, ${b})`;
  };

  const inUnit = (unit) => (value) => {
    if (value === null || value === undefined) return null;
    return unit === "hours" ? Math.round(value / 36) / 100 : value;
  };

  const options = (asked) => {
    const ink = colour("ink"), line = colour("line");
    const text = { color: ink, fontFamily: root.fontFamily };
    const isLine = asked.kind === "lines";
    const turned = asked.kind !== "lines";
    const names = { type: "category", data: asked.labels, axisLabel: { ...text, width: turned ? 150 : undefined, overflow: "truncate" }, axisLine: { lineStyle: { color: line } }, inverse: turned };
    const values = { type: "value", axisLabel: text, splitLine: { lineStyle: { color: line } }, name: asked.unit === "hours" ? "h" : asked.unit === "seconds" ? "s" : "", nameTextStyle: text };
    return {
      animation: false,
      aria: { enabled: true, decal: { show: true } },
      color: COLOURS,
      textStyle: text,
      legend: { top: 0, textStyle: text, data: asked.series.map((one) => one.name) },
      grid: { left: 8, right: 24, top: 34, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: isLine ? "line" : "shadow" } },
      xAxis: turned ? values : names,
      yAxis: turned ? names : values,
      series: asked.series.map((one, n) => ({
        name: one.name,
        type: isLine ? "line" : "bar",
        data: one.values.map(inUnit(asked.unit)),
        symbol: SIGNS[n % SIGNS.length],
        symbolSize: 8,
        lineStyle: { type: DASHES[n % DASHES.length], width: 2 },
        barMaxWidth: 16,
      })),
    };
  };

  const draw = (place) => {
    const asked = JSON.parse(place.dataset.chart);
    if (asked.kind !== "lines") place.classList.add(`hy-chart-${Math.min(asked.labels.length, 30)}`);
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(options(asked));
    drawn.push([place, chart]);
  };

  // Where there is no room (a closed fold) there is nothing to draw on yet.
  const drawAll = () => {
    for (const place of document.querySelectorAll("[data-chart]:not([data-drawn])")) {
      if (!place.clientWidth) continue;
      place.dataset.drawn = "";
      draw(place);
    }
  };
  const again = () => {
    for (const [place, chart] of drawn.splice(0)) {
      chart.dispose();
      if (place.isConnected) delete place.dataset.drawn;
    }
    drawAll();
  };

  drawAll();
  document.addEventListener("toggle", drawAll, true);
  document.body.addEventListener("htmx:afterSettle", drawAll);
  window.addEventListener("resize", () => drawn.forEach(([, chart]) => chart.resize()));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  window.addEventListener("beforeprint", () => {
    isPrinting = true;
    for (const fold of document.querySelectorAll("details.hy-fold")) fold.open = true;
    again();
  });
  window.addEventListener("afterprint", () => {
    isPrinting = false;
    again();
  });
})();
