// Package sensoryv1connect holds clients and handlers of the API's services, generated from the
// .proto files of the package above.
package sensoryv1connect
