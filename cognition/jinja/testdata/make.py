"""Writes golden.json with the reference implementation of chat templates: pip install transformers==5.23.0 jinja2==3.1.6"""
import glob, json
from transformers.utils.chat_template_utils import _compile_jinja_template

SHORT = [dict(role='user', content="What <b>is</b> 'this'?")]
TALK = [dict(role='system', content=' Be kind. '), dict(role='user', content='hi'), dict(role='assistant', content='A "cat".\n'), dict(role='user', content='sure?\nline')]


def parts(messages, image):
    return [dict(role=m['role'], content=[dict(type='image')] * (image if i == 0 else 0) + [dict(type='text', text=m['content'])]) for i, m in enumerate(messages)]


out = []
for name in sorted(glob.glob('*.jinja')):
    template = _compile_jinja_template(open(name).read())
    forms = [SHORT, TALK] if name.startswith(('smollm2', 'language')) else [parts(SHORT, 0), parts(SHORT, 1), parts(SHORT, 2), parts(TALK, 0), parts(TALK, 1)]
    for messages in forms:
        for prompt in (True, False):
            out.append(dict(template=name, messages=messages, prompt=prompt, text=template.render(messages=messages, add_generation_prompt=prompt)))
with open('golden.json', 'w') as f:
    f.write('[\n' + ',\n'.join(json.dumps(x) for x in out) + '\n]\n')
