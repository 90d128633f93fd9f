// Package half converts between float32 and IEEE 754 half precision (binary16), whose bit patterns
// stand in weight files and in tensors. It is pure, and stands at the bottom of the house.
package half
