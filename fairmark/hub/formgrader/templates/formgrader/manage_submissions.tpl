{%- extends 'nbgrader:manage_submissions.tpl' -%}

{%- block messages -%}
<div id="autograde-all" class="fairmark-job"></div>
{%- endblock -%}
