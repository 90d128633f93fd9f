package onnx

import "google.golang.org/protobuf/encoding/protowire"

// Field numbers of onnx.proto that this package reads or writes, by message.
const (
	modelIR       protowire.Number = 1
	modelProducer protowire.Number = 2
	modelGraph    protowire.Number = 7
	modelOpset    protowire.Number = 8
	modelMetadata protowire.Number = 14

	opsetDomain  protowire.Number = 1
	opsetVersion protowire.Number = 2

	entryKey   protowire.Number = 1 // StringStringEntryProto
	entryValue protowire.Number = 2

	graphNode        protowire.Number = 1
	graphName        protowire.Number = 2
	graphInitializer protowire.Number = 5
	graphInput       protowire.Number = 11
	graphOutput      protowire.Number = 12
	graphValueInfo   protowire.Number = 13

	nodeInput     protowire.Number = 1
	nodeOutput    protowire.Number = 2
	nodeName      protowire.Number = 3
	nodeOpType    protowire.Number = 4
	nodeAttribute protowire.Number = 5
	nodeDomain    protowire.Number = 7

	attrName    protowire.Number = 1
	attrFloat   protowire.Number = 2
	attrInt     protowire.Number = 3
	attrString  protowire.Number = 4
	attrTensor  protowire.Number = 5
	attrGraph   protowire.Number = 6
	attrInts    protowire.Number = 8
	attrTensors protowire.Number = 10
	attrGraphs  protowire.Number = 11
	attrType    protowire.Number = 20

	tensorDims     protowire.Number = 1
	tensorDataType protowire.Number = 2
	tensorInt32    protowire.Number = 5
	tensorName     protowire.Number = 8
	tensorRaw      protowire.Number = 9
	tensorExternal protowire.Number = 13

	valueName  protowire.Number = 1
	valueType  protowire.Number = 2
	typeTensor protowire.Number = 1
	typeElem   protowire.Number = 1
	typeShape  protowire.Number = 2
	shapeDim   protowire.Number = 1
	dimValue   protowire.Number = 1
	dimParam   protowire.Number = 2
)
