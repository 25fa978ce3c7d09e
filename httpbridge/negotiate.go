package httpbridge

import "strings"

// How particular a range is that a media type is in. problem+json means errors
// and nothing else: who names it wants errors in that form, also beside
// application/json, which may be for what succeeds.
const (
	inAny = 1 + iota
	inType
	named
	namedForErrors
)

// negotiate returns which of the formats to write for an Accept header: the one
// with the highest weight, of several such the one that is named most
// particularly, and of these the first. When none is acceptable it is the first
// of all: an error in the wrong form says more than 406.
func negotiate(accept []string, offers []Format) Format {
	chosen, most, closest := offers[0], 0, 0
	if len(offers) == 1 || len(accept) == 0 {
		return chosen
	}
	ranges := parseAccept(accept)
	for _, offer := range offers {
		weight, match := weigh(ranges, formats[offer.known()].media)
		if weight > most || weight == most && weight > 0 && match > closest {
			chosen, most, closest = offer, weight, match
		}
	}
	return chosen
}

// weigh returns the weight of a media type, which is that of the most particular
// range it is in, and how particular that is; 0, 0 if it is in none.
func weigh(ranges []acceptRange, media string) (weight, match int) {
	media, _, _ = strings.Cut(media, ";")
	kind, _, _ := strings.Cut(media, "/")
	for _, r := range ranges {
		here := 0
		switch r.media {
		case media:
			here = named
			if media == formats[Problem].media {
				here = namedForErrors
			}
		case kind + "/*":
			here = inType
		case "*/*":
			here = inAny
		}
		if here > match || here == match && here > 0 && r.weight > weight {
			weight, match = r.weight, here
		}
	}
	return weight, match
}
