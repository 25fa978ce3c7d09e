package interceptors

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// rules are the checks of AIP-193 that one error is enough for; each returns a
// text for every breach.
var rules = []struct {
	name     Rule
	breaches func(*status.Error) []string
}{
	{RuleErrorInfo, noErrorInfo},
	{RuleReason, badReason},
	{RuleDomain, noDomain},
	{RuleMetadataKey, badMetadataKeys},
	{RuleMetadata, missingMetadata},
	{RuleDetailOnce, doubleDetails},
	{RuleHelpLink, relativeLinks},
	{RuleLocalizedMessage, halfLocalized},
	{RuleFieldReason, badFieldReasons},
}

var (
	reasonForm      = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,61}[A-Z0-9]$`)
	metadataKeyForm = regexp.MustCompile(`^[a-z][a-zA-Z0-9-_]{1,63}$`)
	// dynamicPart finds what in a message was most likely put in: something
	// quoted, and words with a digit.
	dynamicPart = regexp.MustCompile("\"[^\"]+\"|`[^`]+`|“[^”]+”|[\\pL\\pN_./:-]*\\pN[\\pL\\pN_./:-]*")
)

func noErrorInfo(e *status.Error) []string {
	if e.ServiceCode() != (status.ServiceCode{}) {
		return nil
	}
	return []string{"no ErrorInfo, and the server has no domain to make one"}
}

func badReason(e *status.Error) []string {
	if reason := e.Reason(); e.ServiceCode() != (status.ServiceCode{}) && !reasonForm.MatchString(reason) {
		return []string{fmt.Sprintf("reason %q does not match %v", reason, reasonForm)}
	}
	return nil
}

func noDomain(e *status.Error) []string {
	if e.Reason() != "" && e.Domain() == "" {
		return []string{fmt.Sprintf("reason %q has no domain", e.Reason())}
	}
	return nil
}

func badMetadataKeys(e *status.Error) (breaches []string) {
	for _, key := range slices.Sorted(maps.Keys(e.Metadata())) {
		if !metadataKeyForm.MatchString(key) {
			breaches = append(breaches, fmt.Sprintf("metadata key %q does not match %v", key, metadataKeyForm))
		}
	}
	return breaches
}

// missingMetadata looks for the dynamic parts of the message in the metadata: a
// client must not have to parse the message.
func missingMetadata(e *status.Error) (breaches []string) {
	metadata := e.Metadata()
	for _, part := range dynamicPart.FindAllString(e.Message(), -1) {
		part = strings.Trim(part, "\"`“”.:-/")
		if part != "" && !holds(metadata, part) {
			breaches = append(breaches, fmt.Sprintf("%q of the message %q is not in the metadata", part, e.Message()))
		}
	}
	return breaches
}

// holds reports whether part is in a value, or is a value with a unit.
func holds(metadata map[string]string, part string) bool {
	for _, value := range metadata {
		if strings.Contains(value, part) || value != "" && strings.Contains(part, value) {
			return true
		}
	}
	return false
}

func doubleDetails(e *status.Error) (breaches []string) {
	count := map[string]int{}
	for _, a := range e.GRPCStatus().Proto().GetDetails() {
		name := detailName(a)
		if count[name]++; count[name] == 2 {
			breaches = append(breaches, fmt.Sprintf("more than one detail of type %s", name))
		}
	}
	return breaches
}

func relativeLinks(e *status.Error) (breaches []string) {
	for _, help := range detailsOf[*errdetails.Help](e) {
		for _, link := range help.GetLinks() {
			if u, err := url.Parse(link.GetUrl()); err != nil || !u.IsAbs() || u.Host == "" && u.Opaque == "" {
				breaches = append(breaches, fmt.Sprintf("help link %q is not an absolute URL", link.GetUrl()))
			}
		}
	}
	return breaches
}

func halfLocalized(e *status.Error) (breaches []string) {
	for _, l := range detailsOf[*errdetails.LocalizedMessage](e) {
		if l.GetLocale() == "" || l.GetMessage() == "" {
			breaches = append(breaches, fmt.Sprintf("LocalizedMessage with locale %q and message %q", l.GetLocale(), l.GetMessage()))
		}
	}
	return breaches
}

func badFieldReasons(e *status.Error) (breaches []string) {
	for _, bad := range detailsOf[*errdetails.BadRequest](e) {
		for _, v := range bad.GetFieldViolations() {
			if reason := v.GetReason(); reason != "" && !reasonForm.MatchString(reason) {
				breaches = append(breaches, fmt.Sprintf("reason %q of field %q does not match %v", reason, v.GetField(), reasonForm))
			}
		}
	}
	return breaches
}

func detailsOf[T proto.Message](e *status.Error) (found []T) {
	for _, detail := range e.Details() {
		if d, ok := detail.(T); ok {
			found = append(found, d)
		}
	}
	return found
}
