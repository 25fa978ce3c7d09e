package status

// An Origin says who made an error: whether the service itself said so.
type Origin int8

const (
	// OriginUnspecified: not known, or made by the code at hand, as by [New].
	OriginUnspecified Origin = iota
	// OriginService: the service said so itself, in a form that was recognised.
	OriginService
	// OriginIntermediary: a proxy or gateway answered in the service's place, or
	// the code was inferred from an HTTP status alone.
	OriginIntermediary
	// OriginLocal: made on this side of the wire, as a refused connection or the
	// caller's own deadline is. [Public] lets nothing but its code leave.
	OriginLocal
)

// originOfItsText is that of an error from gRPC whose text has not been looked
// at yet, see grpcGoTexts. Nobody else gets to see it.
const originOfItsText Origin = -1

// String returns "UNSPECIFIED", "SERVICE", "INTERMEDIARY" or "LOCAL".
func (o Origin) String() string {
	switch o {
	case OriginService:
		return "SERVICE"
	case OriginIntermediary:
		return "INTERMEDIARY"
	case OriginLocal:
		return "LOCAL"
	default:
		return "UNSPECIFIED"
	}
}
