// How what is said is being kept. Pure.
import type { GetStoreResponseJson } from '../api/gen/sensory/v1/machine_pb';

/**
 * unkept says what stands in the way of keeping what is said, in the words of the store; undefined where nothing
 * does. counts change while it does, and are told apart: nobody wants to hear them read out again and again.
 */
export function unkept(k: GetStoreResponseJson): { why: string; counts: string } | undefined {
  if (!k.reason) return undefined;
  const why = k.reason.replace(/^store_/, 'store ').replaceAll('_', ' ');
  return { why: `What is said is not being kept: ${why} (${k.problem ?? ''}).`, counts: `${k.waiting ?? 0} wait, ${k.lost ?? 0} are lost.` };
}
