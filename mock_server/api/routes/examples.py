"""Examples of answers that several resources have."""

RUN_EXAMPLE = {
    "cloud_workstation": False,
    "created": 1646690405,
    "end_status": "succeeded",
    "exit_code": 0,
    "has_results": True,
    "id": "86a79b7f-ab60-4141-a97c-b1dbbb94decb",
    "name": "Run 6689159",
    "owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    "run_time": 5,
    "state": "completed",
}
URLS_EXAMPLE = {
    "download_url": "http://127.0.0.1:8000/_files/…",
    "view_url": "http://127.0.0.1:8000/_files/…",
}
FOLDER_EXAMPLE = {"items": [{"name": "output", "path": "output", "size": 20, "type": "file"}]}
PERMISSIONS_EXAMPLE = {"everyone": "none", "users": [{"email": "demo-user@example.com", "role": "owner"}]}
ATTACH_EXAMPLE = [
    {
        "external": False,
        "id": "eeefcc52-b445-4e3c-80c5-0e65526cd712",
        "job_id": "",
        "mount": "Reference",
        "mount_state": "mounted",
        "ready": True,
    }
]
