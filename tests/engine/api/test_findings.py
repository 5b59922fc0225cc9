"""What the doctor finds that the command line's tests do not come to."""

import json

import pytest
from inlay.api.findings import elsewhere
from inlay.config import Folders


@pytest.fixture
def folders(tmp_path):
    folders = Folders.find({"INLAY_HOME": str(tmp_path)})
    folders.data.mkdir()
    return folders


def test_a_panel_that_lets_another_machine_work_is_told(folders):
    told = {"address": "https://studio:7610", "token": "canary", "is_used": True}
    (folders.data / "remote.json").write_text(json.dumps(told))
    (finding,) = elsewhere(folders)
    assert "https://studio:7610" in finding.text
    assert "studio" not in finding.shared
    assert "canary" not in finding.text + finding.shared


@pytest.mark.parametrize("text", ["", "[]", '{"address": "https://studio:7610", "is_used": false}'])
def test_one_that_does_not_is_nothing_to_tell(folders, text):
    (folders.data / "remote.json").write_text(text)
    assert elsewhere(folders) == []
