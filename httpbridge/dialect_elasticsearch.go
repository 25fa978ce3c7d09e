package httpbridge

import "github.com/errwire/errwire/status"

// Elasticsearch and OpenSearch: {"error": {"type": "index_not_found_exception",
// "reason": "no such index", "root_cause": […]}, "status": 404}. The reason is a
// sentence.

func readElasticsearch(a *Answer, d *draft) bool {
	root := a.root()
	object := root.get("error")
	if !object.get("type").isString() || !object.get("reason").isString() {
		return false
	}
	d.message = object.get("reason").string()
	d.service.Reason = object.get("type").string()
	d.claim(root.get("status"))
	d.metaOf(object, "index", "resource.id", "resource.type")
	return true
}

// Elasticsearch reads the errors of Elasticsearch and OpenSearch.
func Elasticsearch(a *Answer) *status.Error { return a.as(readElasticsearch) }
