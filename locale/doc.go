// Package locale says errors in the language of the caller. It has messages for
// the platform codes and for the service codes of Firebase Auth and Firebase
// Cloud Messaging in English, Italian, Bengali and Arabic; a service adds its
// own codes and languages.
//
//	//go:embed messages
//	var messages embed.FS
//	…
//	own, err := fs.Sub(messages, "messages")
//	…
//	catalog, err := locale.New(own)
//	…
//	server := grpc.NewServer(interceptors.ServerOptions(
//		interceptors.WithLocalizer(catalog.Localize))...)
//
// A caller that sends accept-language metadata then gets a
// google.rpc.LocalizedMessage. It is a module of its own because it needs
// golang.org/x/text.
//
// # Files
//
// A file has the messages of one domain in one language, as a JSON object by
// reason; its name is <language>/<domain>.json, and platform.json for the
// platform codes:
//
//	it/library.example.com.json
//	{
//	  "SHELF_FULL": "Sullo scaffale {shelf} non c'è più posto."
//	}
//
// {shelf} stands for what the error's metadata have under that key, {{ and }}
// for braces, as in the messages of proto catalogs: all that is in a message is
// in the metadata (AIP-193), so it can be said in any language.
//
// English needs no files: it is what the catalogs of package status say, and the
// developer's own message of an error whose code has parameters.
//
// # Which message
//
// The caller's languages are matched with those of the files by
// golang.org/x/text/language, English if none fits. In that language and then in
// those that it is a variant of (pt-BR, pt), the message of the service code is
// taken; if there is none, or the error lacks a key that it needs, the platform
// code's; if the language does not have that either, English.
//
// # Right to left
//
// In a right-to-left language, and for a value in any that has right-to-left
// letters or controls, each value is put between the isolates U+2068 and U+2069
// (Unicode Standard Annex 9), so that a shelf number does not turn the sentence
// round. Isolates within a value are closed within it.
package locale
