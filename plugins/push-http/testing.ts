import type { PushSettings } from '../../core/events/push-body.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { AddressError, type AddressRules } from '../../core/net/addresses.ts';
import { heartbeatForm } from './pushes.ts';
import { Sender, StatusError, told } from './sender.ts';
import type { ShownCertificate, TestedTarget, TestResult } from './shapes.ts';
import { checkTrust, type Targets, trustOf } from './targets.ts';
import { certificateOf } from './trust.ts';

const PATIENCE_MS = 10_000;

export interface TestingOptions {
  targets: Targets;
  rules: AddressRules;
  settings(): PushSettings;
  now(): number;
  steady(): number;
}

/**
 * Sends one heartbeat to a receiver as it stands in a form, saved or not.
 * @throws ContractError where the form is wrong; what the receiver does wrong is in the result
 */
export async function sendTest(tested: TestedTarget, options: TestingOptions): Promise<TestResult> {
  const { targets, rules, settings, now, steady } = options;
  const url = targets.address(tested.url);
  checkTrust(url, tested);
  const key = targets.keyFor(tested.key, tested.id, url);
  const began = steady();
  const took = () => Math.round(steady() - began);
  const sender = new Sender(url, trustOf(tested), rules);
  try {
    const status = await sender.send(heartbeatForm(key, settings(), now()), AbortSignal.timeout(PATIENCE_MS));
    return { ok: true, status, milliseconds: took(), message: '' };
  } catch (error) {
    const status = error instanceof StatusError ? { status: error.status } : {};
    return { ok: false, ...status, milliseconds: took(), message: (error as Error).message };
  } finally {
    sender.close();
  }
}

/** @throws ContractError where there is no certificate to show */
export async function showCertificate(text: string, { targets, rules }: TestingOptions): Promise<ShownCertificate> {
  const url = targets.address(text);
  try {
    return await certificateOf(url, rules);
  } catch (error) {
    const { message } = error instanceof AddressError ? error : told(error as Error);
    throw new ContractError(CODE.wrongParameter, message, '', 'url');
  }
}
