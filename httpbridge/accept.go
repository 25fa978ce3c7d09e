package httpbridge

import "strings"

// An acceptRange is one of an Accept header (RFC 9110 §12.5.1), in lower case.
// Its parameters but the weight are not kept: no format here has one that
// matters.
type acceptRange struct {
	media  string // "application/json", "application/*", "*/*"
	weight int    // in thousandths
}

// maxRanges is the most ranges that are read; who sends more wants anything.
const maxRanges = 64

// parseAccept reads the fields of an Accept header. What cannot be read is passed
// over.
func parseAccept(fields []string) []acceptRange {
	var ranges []acceptRange
	for _, field := range fields {
		for s := skipSeparators(field); s != "" && len(ranges) < maxRanges; s = skipSeparators(s) {
			media, rest := cutMedia(s)
			weight, rest := cutParameters(rest)
			if media != "" && weight >= 0 && (rest == "" || rest[0] == ',') {
				ranges = append(ranges, acceptRange{strings.ToLower(media), weight})
			}
			s = skipElement(rest)
		}
	}
	return ranges
}

// cutMedia cuts a media range off the start; a mere "*", which old Java sends, is
// "*/*".
func cutMedia(s string) (media, rest string) {
	kind, rest := cutToken(s)
	sub, isType := strings.CutPrefix(rest, "/")
	if !isType {
		if kind == "*" {
			return "*/*", rest
		}
		return "", rest
	}
	subtype, rest := cutToken(sub)
	if kind == "" || subtype == "" {
		return "", rest
	}
	return kind + "/" + subtype, rest
}

// cutParameters cuts the parameters off the start. The weight is 1000 if none is
// given, and -1 if it is no weight.
func cutParameters(s string) (weight int, rest string) {
	weight = 1000
	for {
		s = strings.TrimLeft(s, " \t")
		after, ok := strings.CutPrefix(s, ";")
		if !ok {
			return weight, s
		}
		name, after := cutToken(strings.TrimLeft(after, " \t"))
		value, rest, ok := cutValue(after)
		if !ok {
			s = after
			continue
		}
		if strings.EqualFold(name, "q") {
			weight = parseWeight(value)
		}
		s = rest
	}
}

// parseWeight reads a weight in thousandths; digits beyond these do not count,
// and the 0 before the point may be left out. -1 is no weight.
func parseWeight(s string) int {
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" && fraction == "" || len(whole) > 1 || strings.Trim(whole+fraction, "0123456789") != "" {
		return -1
	}
	weight := 0
	for _, digit := range whole + (fraction + "000")[:3] {
		weight = weight*10 + int(digit-'0')
	}
	if weight > 1000 {
		return -1
	}
	return weight
}

// skipElement skips to the next element of a list, over quoted strings.
func skipElement(s string) string {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return s[i:]
		}
	}
	return ""
}
