// Command engine-bench measures the model engine without the rest of the service.
package main
