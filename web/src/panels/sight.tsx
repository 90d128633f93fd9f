// What it sees: the picture that a model got, how old it is, and those that answers were made from.
import { Age, Empty, Panel, useFocus, Who } from '../ui/parts';
import { useView } from '../state/store';
import { counted } from '../state/pictures';
import { nameOf, type Picture } from '../state/view';
import { Offer, Shown, useSession } from '../join/controls';

export function Sight() {
  const picture = useView((v) => v.picture);
  const pins = useView((v) => v.pins);
  const shows = useSession().show !== 'nothing';
  const somebody = useView((v) => (v.state.participants ?? []).some((p) => (p.videoPublished ?? []).length > 0));
  const offers = !picture && !shows;
  const region = useFocus(offers);
  return (
    <Panel name="sight" title="What it sees" aside={picture && <>age <Age since={picture.at} /></>}>
      {picture ? <Newest picture={picture} /> : <Empty>{shows || somebody ? 'No model has looked yet.' : 'Nobody shows a picture.'}</Empty>}
      <div ref={region}>{offers && <Offer />}<Shown /></div>
      {pins.length > 0 && (
        <ol class="pins" aria-label="Pictures that answers were made from" tabIndex={0}>
          {[...pins].reverse().map((p) => (
            <li key={p.key}>
              <img src={p.picture.url} alt={`The picture that ${p.persona}'s answer in turn ${p.turn} was made from`} />
              <p><Who name={p.persona} /> <q>{p.answer}</q></p>
              <small>turn {p.turn} · {p.picture.sight.track}/{p.picture.sight.number}{p.looked && ` · ${p.looked}`}</small>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Newest({ picture }: { picture: Picture }) {
  const s = picture.sight;
  const sights = useView((v) => v.state.sights);
  const names = useView((v) => v.names);
  const c = counted(s, sights ?? []);
  return (
    <figure>
      <img class="texture" src={picture.url} alt={`What the model sees of ${nameOf(names, s.who ?? '')}'s ${s.source}`} />
      <figcaption>
        <Who name={s.who ?? ''} /> {s.source} · as {s.encoder} took it, {picture.width}×{picture.height}
        <dl class="counts">
          <div><dt>picture</dt><dd>{s.number ?? 0}</dd></div>
          <div><dt>decoded</dt><dd>{c.framesDecoded ?? 0}</dd></div>
          <div><dt>sampled</dt><dd>{c.framesSampled ?? 0}</dd></div>
          <div><dt>dropped</dt><dd>{c.framesDropped ?? 0}</dd></div>
          <div><dt>looked</dt><dd>{(s.textureMs ?? 0) + (s.featuresMs ?? 0)} ms</dd></div>
        </dl>
      </figcaption>
    </figure>
  );
}
