// Package golden is empty. The packages below it are what the plugin makes of
// generate/testdata/protos/golden: golden files that are compiled, and whose
// generated tests run, with everything else.
package golden
