// How what is said is being kept. Pure.
import type { GetStoreResponseJson } from '../api/gen/sensory/v1/machine_pb';

/** unkept says what stands in the way of keeping what is said, in the words of the store; empty where nothing does. */
export function unkept(k: GetStoreResponseJson): string {
  if (!k.reason) return '';
  const why = k.reason.replace(/^store_/, 'store ').replaceAll('_', ' ');
  return `What is said is not being kept: ${why} (${k.problem ?? ''}). ${k.waiting ?? 0} wait, ${k.lost ?? 0} are lost.`;
}
