// Command gpu-check runs on a machine with an NVIDIA card what can be run nowhere else.
package main
