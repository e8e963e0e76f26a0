"""A world of capsules whose results and logs are templates."""

from typing import Any

ANN = "11111111-1111-4111-8111-111111111111"
MOUSE_1 = "22222222-2222-4222-8222-222222222221"
MOUSE_2 = "22222222-2222-4222-8222-222222222222"
SORTER = "33333333-3333-4333-8333-333333333331"
PIPELINE = "33333333-3333-4333-8333-333333333332"
LOOSE = "33333333-3333-4333-8333-333333333333"
PAST = "44444444-4444-4444-8444-444444444441"
PAST_BAD = "44444444-4444-4444-8444-444444444442"

SEED: dict[str, Any] = {
    "version": 1,
    "users": [{"id": ANN, "email": "ann@example.com", "name": "Ann Lee"}],
    "tokens": [{"token": "cop_demo_user", "user": "ann@example.com"}],
    "data_assets": [
        {
            "id": MOUSE_1,
            "name": "Mouse 1",
            "mount": "mouse1",
            "owner": "ann@example.com",
            "created": 1,
            "tags": ["raw"],
            "custom_metadata": {"subject": "m1"},
        },
        {"id": MOUSE_2, "name": "Mouse 2", "mount": "mouse2", "owner": "ann@example.com", "created": 1},
    ],
    "capsules": [
        {
            "id": SORTER,
            "slug": "1234567",
            "name": "Sort units",
            "owner": "ann@example.com",
            "created": 5,
            "parameters": [
                {"name": "Number of rows", "param_name": "rows", "default_value": "3"},
                {"name": "Subjects", "param_name": "subjects", "default_value": "a, b"},
            ],
            "results": [
                {"path": "table.csv", "template": "{{ rows(parameters.rows, unit='u{n}', v=(0.0, 1.0)) | csv }}\n"},
                {
                    "for_each": "data_assets",
                    "path": "{{ item.name }}/summary.json",
                    "template": "{{ {'id': item.id, 'tags': item.tags, 'subject': item.metadata.subject | default(none)"
                    ", 'drift': random.uniform(0, 9, key=item.id)} | json }}",
                },
                {"for_each": "parameters.subjects", "path": "by/{{ item }}-{{ number }}.txt", "text": "hello\n"},
                {"path": "plain.txt", "text": "plain {{ text }}\n"},
                {"path": "who.txt", "template": "{{ owner.name }} {{ owner.email }} {{ run.id }} {{ capsule.name }}"},
            ],
            "log_template": "begin {{ run.created | time }}\n{% for n in range(8) %}\nstep {{ n }}\n{% endfor %}\n"
            "drift {{ data_assets | map(attribute='id') | join }}\n",
        },
        {
            "id": LOOSE,
            "slug": "1234569",
            "name": "Takes everything",
            "owner": "ann@example.com",
            "created": 5,
            "results": [
                {"path": "{{ parameters.path }}", "template": "{{ parameters.text | default('') }}"},
                {"path": "fixed/a.txt", "text": "a"},
            ],
        },
    ],
    "pipelines": [
        {
            "id": PIPELINE,
            "slug": "1234568",
            "name": "All of it",
            "owner": "ann@example.com",
            "created": 5,
            "processes": [
                {
                    "name": "sort",
                    "capsule_id": SORTER,
                    "parameters": [{"name": "Threads", "param_name": "threads", "default_value": "4"}],
                }
            ],
            "results": [
                {
                    "for_each": "range(4)",
                    "path": "part{{ item }}/n.txt",
                    "template": "{{ processes.sort.parameters.threads }}",
                }
            ],
        }
    ],
    "computations": [
        {"id": PAST, "capsule": SORTER, "owner": "ann@example.com", "created": 100, "run_time": 10},
        {
            "id": PAST_BAD,
            "capsule": SORTER,
            "owner": "ann@example.com",
            "created": 100,
            "run_time": 10,
            "parameters": [{"name": "Number of rows", "param_name": "rows", "value": "many"}],
        },
    ],
}
