import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { RuleEditor } from './editor.ts';
import { RuleList } from './list.ts';

export const styles = ['./rules.css'];

/** All rules, or the one that is being made or changed (`#/rules?rule=3`, `rule=new`). */
export default function Rules(props: PageProps) {
  const { rule } = props.params;
  if (rule === undefined) return html`<${RuleList} ...${props} />`;
  return html`<${RuleEditor} key=${rule} ...${props} id=${rule === 'new' ? undefined : Number(rule)} />`;
}
