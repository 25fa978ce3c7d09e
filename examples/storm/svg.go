package main

import (
	"fmt"
	"strings"
)

// The plot: two storms beside each other, load over success, a line for each of
// some policies. One second is 6 wide.
const (
	left, top     = 48, 84
	perSecondWide = 6
	wide, high    = over * perSecondWide, 130
	gapX, gapY    = 64, 44
	pictureW      = left + 2*wide + gapX + 20
	pictureH      = top + 2*high + gapY + 52
	mostLoad      = 5.5
	legend        = 20
)

// lines are the policies to draw, what CSS calls them, and where the legend names
// them. The last is on top.
var lines = []struct {
	policy, class string
	legend        int
}{
	{"no retry", "none", 724},
	{"Finagle's budget, 20 % + 10/s", "finagle", 504},
	{"AWS SDK, 500 tokens at 5", "aws", 312},
	{"grpc-go, 5 attempts", "grpc", 152},
	{"errwire", "errwire", left},
}

// style has a colour of its own for each line and for text, in light and in
// dark. The background comes with it: the page around may be either.
const style = `<style>
text{font:12px system-ui,sans-serif;fill:#1f2328}.head{font-weight:600;font-size:14px}
.page{fill:#fff}.trigger{fill:#eaeef2}.grid{stroke:#d1d9e0}
polyline{fill:none;stroke-width:1.5;stroke-linejoin:round}
.errwire{stroke:#1a7f37;stroke-width:3}.none{stroke:#59636e;stroke-dasharray:4 3}.grpc{stroke:#cf222e}.aws{stroke:#9a6700}.finagle{stroke:#0969da}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.trigger{fill:#21262d}.grid{stroke:#30363d}
.errwire{stroke:#3fb950}.none{stroke:#9198a1}.grpc{stroke:#f85149}.aws{stroke:#d29922}.finagle{stroke:#58a6ff}}
</style>
`

// plot draws two storms in SVG.
func plot() string {
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">`+"\n", pictureW, pictureH)
	out.WriteString("<title>Load and success over time, in an outage and in an overload</title>\n" + style)
	fmt.Fprintf(&out, `<rect class="page" width="%d" height="%d" rx="6"/>`+"\n", pictureW, pictureH)
	for _, line := range lines {
		fmt.Fprintf(&out, `<polyline class="%s" points="%d,%d %d,%d"/>`, line.class, line.legend, legend, line.legend+22, legend)
		write(&out, line.legend+28, legend+4, "start", line.policy)
	}
	panels(&out, left, "Outage of 30 s, 1000 clients", outage(small), outageEnds)
	panels(&out, left+wide+gapX, "Half the capacity for 10 s, 100 clients", overload(large, 0), overloadEnds)
	write(&out, left, pictureH-8, "start", "errwire's real engine, and models of the others, in virtual time")
	out.WriteString("</svg>\n")
	return out.String()
}

// panels draws a storm: its load, and below the success.
func panels(out *strings.Builder, x int, title string, s storm, ends int) {
	below := top + high + gapY
	fmt.Fprintf(out, `<text class="head" x="%d" y="%d">%s</text>`+"\n", x, top-26, title)
	axes(out, x, top, ends, "attempts per call of a usual second", mostLoad, 1, "%.0f×", 1)
	axes(out, x, below, ends, "calls that succeed", 1, 0.5, "%.0f %%", 100)
	for i := 0; i <= over; i += 10 {
		write(out, x+i*perSecondWide, below+high+18, "middle", fmt.Sprintf("%d s", i))
	}
	usual := float64(s.clients) * s.rate
	for _, line := range lines {
		seconds := s.rage(named(line.policy)).seconds
		draw(out, line.class, seconds, x, top, func(s second) float64 { return float64(s.attempts) / usual / mostLoad })
		draw(out, line.class, seconds, x, below, second.success)
	}
}

// axes draws an empty panel with its scale, and marks the time of trouble.
func axes(out *strings.Builder, x, y, ends int, title string, most, step float64, format string, times float64) {
	fmt.Fprintf(out, `<rect class="trigger" x="%d" y="%d" width="%d" height="%d"/>`+"\n",
		x+begins*perSecondWide, y, (ends-begins)*perSecondWide, high)
	for at := 0.0; at <= most; at += step {
		tick := height(y, at/most)
		fmt.Fprintf(out, `<path class="grid" d="M%d %dh%d"/>`, x, tick, wide)
		write(out, x-6, tick+4, "end", fmt.Sprintf(format, at*times))
	}
	write(out, x, y-8, "start", title)
}

func draw(out *strings.Builder, class string, seconds []second, x, y int, part func(second) float64) {
	fmt.Fprintf(out, `<polyline class="%s" points="`, class)
	for i, s := range seconds {
		fmt.Fprintf(out, "%d,%d ", x+i*perSecondWide+perSecondWide/2, height(y, part(s)))
	}
	out.WriteString("\"/>\n")
}

// height is where a part of a panel's range is.
func height(y int, part float64) int { return y + high - int(part*high+0.5) }

func write(out *strings.Builder, x, y int, anchor, text string) {
	fmt.Fprintf(out, `<text x="%d" y="%d" text-anchor="%s">%s</text>`+"\n", x, y, anchor, text)
}

// named is the policy of that name.
func named(name string) policy {
	for _, p := range policies {
		if p.name == name {
			return p
		}
	}
	return policy{}
}
